package io.blockplane.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A CPython process that runs policies. */
final class Python implements AutoCloseable {

    private final Path script;
    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    Python(String executable) throws IOException {
        script = Files.createTempFile("blockplane-bench", ".py");
        Files.writeString(script, Workload.resource("cpython.py"));
        process =
                new ProcessBuilder(executable, script.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        requests = new BufferedWriter(process.outputWriter(StandardCharsets.UTF_8));
        answers =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Microseconds of processor time per evaluation. */
    double measure(ObjectNode task) throws IOException {
        requests.write(task.toString());
        requests.newLine();
        requests.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("CPython ended with " + process.onExit().join().exitValue());
        }
        return Double.parseDouble(answer);
    }

    @Override
    public void close() throws IOException {
        requests.close();
        process.destroy();
        Files.deleteIfExists(script);
    }
}
