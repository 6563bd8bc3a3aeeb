package io.blockplane.executor.resp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A command: its name and its arguments, as bytes. */
public final class Command {

    private final List<byte[]> parts;

    private Command(List<byte[]> parts) {
        this.parts = parts;
    }

    /**
     * Of what came over the wire.
     *
     * @param parts at least one: the name
     */
    static Command of(List<byte[]> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("parts: none (expected: a name)");
        }
        return new Command(List.copyOf(parts));
    }

    /** Of texts. */
    public static Command of(String name, String... arguments) {
        List<byte[]> parts = new ArrayList<>();
        parts.add(bytes(name));
        for (String argument : arguments) {
            parts.add(bytes(argument));
        }
        return new Command(parts);
    }

    /** As this, with one more argument. */
    public Command with(byte[] argument) {
        List<byte[]> longer = new ArrayList<>(parts);
        longer.add(argument);
        return new Command(longer);
    }

    /** In upper case. */
    public String name() {
        return text(0).toUpperCase(Locale.ROOT);
    }

    /** The parts, the name is the first one. */
    public int size() {
        return parts.size();
    }

    /** A part's bytes, shared. */
    public byte[] part(int index) {
        return parts.get(index);
    }

    /** A part as text; what is not UTF-8 is replaced. */
    public String text(int index) {
        return new String(parts.get(index), StandardCharsets.UTF_8);
    }

    /** What all parts hold. */
    long bytes() {
        return parts.stream().mapToLong(part -> part.length).sum();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
