package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Results of backtests as one page of HTML: verdict first, then what it rests on. The page holds
 * everything it shows, asks the network for nothing, and says the same without its scripts.
 */
public final class Report {

    /**
     * One result, and where it was read.
     *
     * @param fileName for people, without its folder
     * @param sha256 of the file
     */
    public record Input(String fileName, String sha256, BacktestResult result) {

        /**
         * Reads a file of {@link ResultFile}.
         *
         * @throws IOException when it can't be read
         * @throws IllegalArgumentException when it isn't one; the message names the file and the
         *     place in it
         */
        public static Input read(Path file) throws IOException {
            BacktestResult result = ResultFile.read(file);
            return new Input(
                    String.valueOf(file.getFileName()), sha256(Files.readAllBytes(file)), result);
        }

        private static String sha256(byte[] bytes) {
            try {
                MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
                return HexFormat.of().formatHex(sha256.digest(bytes));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JVM has SHA-256", e);
            }
        }
    }

    private Report() {}

    /**
     * The page; equal for equal inputs.
     *
     * @param inputs at least one; each becomes a section
     */
    public static String html(List<Input> inputs) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("inputs: [] (expected: at least one result)");
        }
        return new Page(inputs).text();
    }
}
