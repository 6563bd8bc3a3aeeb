package io.blockplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** House rules about the files themselves. */
class RepositoryTest {

    private static final Path ROOT = UpProcess.ROOT;
    private static final Set<String> NOT_OURS =
            Set.of("target", ".git", ".blockplane", "node_modules");
    private static final int MAX_LINES = 400;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

    // In pieces, so that this file does not break its own rule.
    private static final Pattern UNFINISHED =
            Pattern.compile("\\b(FIX" + "ME|TO" + "DO|XX" + "X)\\b");

    @Test
    void filesAreShortEnoughToRead() throws IOException {
        for (Path file : files(".java")) {
            assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThan(MAX_LINES + 1);
        }
    }

    @Test
    void nothingIsMarkedAsUnfinished() throws IOException {
        for (Path file : files(".java", ".md", ".py", ".xml", ".proto")) {
            assertThat(Files.readString(file))
                    .as(file.toString())
                    .doesNotContainPattern(UNFINISHED);
        }
    }

    @Test
    void linksInDocumentsLeadSomewhere() throws IOException {
        for (Path file : files(".md")) {
            Matcher links = LINK.matcher(Files.readString(file));
            for (MatchResult link : links.results().toList()) {
                assertThat(file.resolveSibling(link.group(1)).normalize())
                        .as("link in " + file)
                        .exists();
            }
        }
    }

    @Test
    void theFrontPageNamesTheTwoCommands() throws IOException {
        assertThat(Files.readString(ROOT.resolve("README.md")))
                .contains("./blockplane demo", "mvn verify");
        assertThat(Files.readString(ROOT.resolve(".ci/run"))).contains("mvn -B -ntp verify");
    }

    private static List<Path> files(String... endings) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(
                ROOT,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) {
                        return NOT_OURS.contains(folder.getFileName().toString())
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        for (String ending : endings) {
                            if (file.toString().endsWith(ending)) {
                                found.add(file);
                            }
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        assertThat(found).isNotEmpty();
        return found;
    }
}
