package io.blockplane.policy;

import io.blockplane.events.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.jspecify.annotations.Nullable;

/**
 * The inside of a balancer's sandbox: one call costs a few microseconds, since nothing crosses the
 * border but four scalars, the place of the chosen candidate, and what the policy asks for. On the
 * policy's thread only.
 */
final class RoutingGuest {

    private static final String FILE = "routing.py";

    /** The answer of the guest is the place of the choice times this, plus the fields read. */
    private static final int FIELDS = 128;

    private final Sandbox sandbox;
    private final Value route;
    private final Value failure;
    private final Value filesRead;
    private final Value setCandidates;
    private List<String> candidates = List.of();
    private @Nullable RoutedPacket packet;
    private long sequence;

    /**
     * Adds to the sandbox what routing needs.
     *
     * @param seeds of a call, by its sequence number
     */
    RoutingGuest(Sandbox sandbox, LongFunction<String> seeds) {
        this.sandbox = sandbox;
        ProxyExecutable readField = arguments -> field(arguments[0].asInt());
        ProxyExecutable readFile =
                arguments -> fileField(arguments[0].asInt(), arguments[1].asInt());
        ProxyExecutable readSeed = _ -> seeds.apply(sequence);
        sandbox.furnish(FILE, readField, readFile, readSeed);
        this.route = sandbox.guest("route");
        this.failure = sandbox.guest("failure");
        this.filesRead = sandbox.guest("files_read");
        this.setCandidates = sandbox.guest("set_candidates");
    }

    /**
     * How a call ended.
     *
     * @param choice null when there is none; then {@code failed} says why
     * @param fields what was read of the packet
     */
    record Answer(@Nullable String choice, Sandbox.@Nullable Ended failed, Json fields) {}

    Answer route(
            Recording effects,
            long sequence,
            long timeMs,
            RoutedPacket packet,
            List<String> instances) {
        this.packet = packet;
        this.sequence = sequence;
        sandbox.begin(effects);
        try {
            if (!instances.equals(candidates)) {
                setCandidates.execute(instances.toArray());
                candidates = instances;
            }
            long answer =
                    route.execute(timeMs, packet.sessionId(), packet.seqNo(), packet.ts()).asLong();
            int place = Math.toIntExact(Math.floorDiv(answer, FIELDS));
            int read = Math.floorMod(answer, FIELDS);
            Json fields = PacketFields.record(packet, read, filesRead(read));
            return place >= 0
                    ? new Answer(instances.get(place), null, fields)
                    : new Answer(null, Sandbox.ended(failure.execute()), fields);
        } catch (PolyglotException e) {
            return new Answer(null, Sandbox.stopped(e), Json.EMPTY_OBJECT);
        } finally {
            sandbox.end();
            this.packet = null;
        }
    }

    private List<Integer> filesRead(int read) {
        if ((read & 1 << PacketFields.FILES) == 0) {
            return List.of();
        }
        Value list = filesRead.execute();
        List<Integer> masks = new ArrayList<>();
        for (long i = 0; i < list.getArraySize(); i++) {
            masks.add(list.getArrayElement(i).asInt());
        }
        return masks;
    }

    private Object field(int field) {
        RoutedPacket asked = Objects.requireNonNull(packet, "packet");
        return switch (field) {
            case PacketFields.FRAME_PTR -> latin(asked.framePtr());
            case PacketFields.DATA -> asked.data();
            case PacketFields.OUTPUT_PTR -> asked.outputPtr();
            case PacketFields.FILES -> asked.files().size();
            default -> throw new IllegalArgumentException("field: " + field);
        };
    }

    private Object fileField(int index, int field) {
        RoutedPacket.RoutedFile file = Objects.requireNonNull(packet).files().get(index);
        return field == PacketFields.METADATA ? file.metadata() : latin(file.fileData());
    }

    /** Bytes cross the border as text of one character each. */
    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
