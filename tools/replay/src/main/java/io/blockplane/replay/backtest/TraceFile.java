package io.blockplane.replay.backtest;

import io.blockplane.simulator.workload.CsvTrace;
import io.blockplane.simulator.workload.MooncakeTrace;
import io.blockplane.simulator.workload.Workload;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A public trace in a file. */
public final class TraceFile {

    private TraceFile() {}

    /** What a file may be. */
    public enum Format {
        /** By its name and first line. */
        AUTO,
        /** CSV with TIMESTAMP, ContextTokens, GeneratedTokens. */
        AZURE,
        /** JSON lines with timestamp, input_length, output_length, hash_ids. */
        MOONCAKE,
        /** CSV with the columns that are named. */
        CSV
    }

    /**
     * Reads one.
     *
     * @param columns of a CSV
     * @throws IOException when it can't be read or is none; the message names the line
     */
    public static Workload read(Path file, Format format, CsvTrace columns) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        String name = String.valueOf(file.getFileName());
        String sha256 = sha256(bytes);
        Format known = format == Format.AUTO ? guess(bytes) : format;
        try (BufferedReader text =
                new BufferedReader(
                        new InputStreamReader(
                                new ByteArrayInputStream(bytes), StandardCharsets.UTF_8))) {
            return switch (known) {
                case MOONCAKE -> MooncakeTrace.read(name, sha256, text);
                case AZURE -> CsvTrace.azure(columns.sessions()).read("azure", name, sha256, text);
                case CSV, AUTO -> columns.read("csv", name, sha256, text);
            };
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Format guess(byte[] bytes) {
        String begin = new String(bytes, 0, Math.min(bytes.length, 200), StandardCharsets.UTF_8);
        if (begin.strip().startsWith("{")) {
            return Format.MOONCAKE;
        }
        return begin.contains("ContextTokens") ? Format.AZURE : Format.CSV;
    }
}
