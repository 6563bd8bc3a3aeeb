package io.blockplane.policy.format;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the {@code code/requirements.txt} of an archive asks for, against what there is. Nothing is
 * ever installed: a name has to be built in, part of Python's standard library, or shipped in
 * {@code code/} itself. Versions, extras and markers are read and not compared: what there is, is
 * what is used.
 */
public final class Requirements {

    /** Where an archive lists what it needs. */
    public static final String FILE = PolicyArchive.CODE_FOLDER + "requirements.txt";

    /** What the policy host itself brings, beside the standard library. */
    public static final SortedSet<String> BUILT_IN =
            Collections.unmodifiableSortedSet(new TreeSet<>(Set.of("requests")));

    /** Most lines that are read. */
    private static final int MAX_LINES = 1_000;

    private static final int MAX_SHOWN_CHARS = 80;

    /** A name, extras, and then a version, a marker or nothing. */
    private static final Pattern REQUIREMENT =
            Pattern.compile(
                    "(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\\s*(?:\\[[^\\]]*\\])?\\s*"
                            + "(?<rest>|\\(.*|[=<>!~].*|;.*|@.*)");

    private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*$");
    private static final Pattern CONTINUED = Pattern.compile("\\\\\\r?\\n");

    private Requirements() {}

    /** Why an archive can't have what it asks for, for people; empty when it can. */
    public static Optional<String> refusal(PolicyArchive archive) {
        byte[] content = archive.files().get(FILE);
        if (content == null) {
            return Optional.empty();
        }
        Set<String> vendored = vendored(archive);
        Set<String> missing = new LinkedHashSet<>();
        List<String> lines =
                CONTINUED
                        .matcher(new String(content, StandardCharsets.UTF_8))
                        .replaceAll("")
                        .lines()
                        .toList();
        if (lines.size() > MAX_LINES) {
            return Optional.of(
                    "requirements.txt: %d lines (expected: at most %d)"
                            .formatted(lines.size(), MAX_LINES));
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = COMMENT.matcher(lines.get(i)).replaceFirst("").strip();
            if (line.isEmpty()) {
                continue;
            }
            Matcher requirement = REQUIREMENT.matcher(line);
            if (line.startsWith("-") || !requirement.matches()) {
                return Optional.of(
                        "requirements.txt line %d: %s (expected: a package's name, with a version"
                                        .formatted(i + 1, shown(line))
                                + " or without; nothing is downloaded, and options, addresses and"
                                + " other files are not followed)");
            }
            String name = requirement.group("name");
            if (!known(name, vendored)) {
                missing.add(name);
            }
        }
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "requirements.txt: %s (expected: %s)"
                                .formatted(shown(String.join(", ", missing)), available(vendored)));
    }

    /** Names of the packages and modules in {@code code/}, as they are compared. */
    static Set<String> vendored(PolicyArchive archive) {
        SortedSet<String> names = new TreeSet<>();
        for (String path : archive.paths()) {
            if (!path.startsWith(PolicyArchive.CODE_FOLDER)) {
                continue;
            }
            String inside = path.substring(PolicyArchive.CODE_FOLDER.length());
            int slash = inside.indexOf('/');
            String top = slash < 0 ? inside : inside.substring(0, slash);
            if (slash < 0) {
                if (top.endsWith(".py") && !path.equals(PolicyArchive.ENTRY_POINT)) {
                    names.add(normalised(top.substring(0, top.length() - ".py".length())));
                }
            } else if (top.endsWith(".dist-info")) {
                String distribution = top.substring(0, top.length() - ".dist-info".length());
                int dash = distribution.lastIndexOf('-');
                names.add(normalised(dash < 0 ? distribution : distribution.substring(0, dash)));
            } else if (inside.endsWith(".py")) {
                names.add(normalised(top));
            }
        }
        return names;
    }

    private static boolean known(String name, Set<String> vendored) {
        String normalised = normalised(name);
        return BUILT_IN.contains(normalised)
                || StandardModules.NAMES.contains(normalised.replace('-', '_'))
                || vendored.contains(normalised);
    }

    /** What a refusal says that there is. */
    private static String available(Set<String> vendored) {
        String own =
                vendored.isEmpty()
                        ? "none here"
                        : vendored.stream().limit(50).collect(Collectors.joining(", "));
        return "built in: %s; Python 3.12's standard library: %s; pure Python packages in code/: %s"
                .formatted(
                        String.join(", ", BUILT_IN), String.join(", ", StandardModules.NAMES), own);
    }

    /** As PEP 503 compares names. */
    private static String normalised(String name) {
        return name.replaceAll("[-_.]+", "-").toLowerCase(Locale.ROOT);
    }

    private static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() > MAX_SHOWN_CHARS
                ? printable.substring(0, MAX_SHOWN_CHARS) + "..."
                : printable;
    }
}
