package io.blockplane.control.driver;

import io.blockplane.events.InstanceAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the line {@code READY grpc=<host>:<port> health=<url>} in what an instance prints. Lines
 * are looked at up to {@link #LINE_BYTES}; longer ones are no such line. Used by one thread.
 */
final class ReadyLine {

    static final int LINE_BYTES = 1_024;

    private static final Pattern READY =
            Pattern.compile("READY grpc=(\\S+:[0-9]+) health=(http://\\S+)\\s*");

    private final byte[] line = new byte[LINE_BYTES];
    private int length;

    /** The address, when these bytes end the line that has it. */
    Optional<InstanceAddress> find(byte[] bytes, int count) {
        Optional<InstanceAddress> found = Optional.empty();
        for (int i = 0; i < count; i++) {
            if (bytes[i] == '\n') {
                found = found.or(this::address);
                length = 0;
            } else {
                if (length < LINE_BYTES) {
                    line[length] = bytes[i];
                }
                length++;
            }
        }
        return found;
    }

    private Optional<InstanceAddress> address() {
        if (length > LINE_BYTES) {
            return Optional.empty();
        }
        Matcher matcher = READY.matcher(new String(line, 0, length, StandardCharsets.UTF_8));
        return matcher.matches()
                ? Optional.of(new InstanceAddress("grpc", matcher.group(1), matcher.group(2)))
                : Optional.empty();
    }
}
