package io.blockplane.executor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.UnsafeByteOperations;
import io.blockplane.events.Envelope;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent.InstanceReported;
import io.blockplane.executor.RequestReader.Request;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.resp.Intake;
import io.blockplane.executor.resp.Reply;
import io.blockplane.windows.EventLimits;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What comes over RESP: packets to the inbox, metrics documents to the task log. Thread safe. */
final class RedisIntake implements Intake {

    /** An instance's documents come in 30 s; one that comes sooner than this is not kept. */
    static final Duration REPORT_EVERY = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(RedisIntake.class);
    private static final int MAX_SHOWN_CHARS = 500;

    private final Blocks blocks;
    private final RequestReader requests;
    private final InboxWriter inbox;
    private final TaskLog taskLog;
    private final ExecutorMetrics metrics;
    private final String source;
    private final String idPrefix;
    private final AtomicLong count = new AtomicLong();
    private final Map<String, Long> reportedNanos = new ConcurrentHashMap<>();

    /**
     * Takes in from now on.
     *
     * @param incarnation tells this run of the executor from its others
     */
    RedisIntake(
            Blocks blocks,
            RequestReader requests,
            InboxWriter inbox,
            TaskLog taskLog,
            ExecutorMetrics metrics,
            String executorId,
            String incarnation) {
        this.blocks = blocks;
        this.requests = requests;
        this.inbox = inbox;
        this.taskLog = taskLog;
        this.metrics = metrics;
        this.source = "/executor/" + executorId;
        this.idPrefix = "report-" + executorId + "-" + incarnation + "-";
    }

    @Override
    public void accept(
            byte[] packet, @Nullable String blockId, Consumer<Reply.@Nullable Failure> told) {
        switch (requests.accept(UnsafeByteOperations.unsafeWrap(packet), blockId)) {
            case Request.Refused(Status status) -> told.accept(refusal(status));
            case Request.Valid(Block block, Packet valid) ->
                    inbox.accept(block.id(), valid, outcome -> told.accept(answer(block, outcome)));
        }
    }

    @Override
    public boolean report(byte[] document) {
        if (!(tree(document) instanceof ObjectNode node)) {
            return notTaken("not a JSON object", document);
        }
        if (!node.path("type").asText().equals("app")) {
            // Of a node or a vDAG: nothing here has a place for it.
            return false;
        }
        String blockId = node.path("blockId").asText();
        String instanceId = node.path("instanceId").asText();
        if (blocks.find(blockId) == null) {
            return notTaken("blockId: no such block", document);
        }
        long now = System.nanoTime();
        String sender = blockId + "/" + instanceId;
        Long last = reportedNanos.get(sender);
        if (last != null && now - last < REPORT_EVERY.toNanos()) {
            return false;
        }
        if (last == null && reportedNanos.size() >= EventLimits.MAX_INSTANCES) {
            reportedNanos.clear();
        }
        node.remove(List.of("blockId", "instanceId", "type"));
        InstanceReported event;
        try {
            event = new InstanceReported(blockId, instanceId, 0, Json.of(node));
        } catch (IllegalArgumentException e) {
            return notTaken(String.valueOf(e.getMessage()), document);
        }
        var refused = EventLimits.refusal(event);
        if (refused.isPresent()) {
            return notTaken(refused.get(), document);
        }
        reportedNanos.put(sender, now);
        write(event);
        return true;
    }

    @Override
    public void event(byte[] document) {
        LOG.atInfo()
                .addKeyValue("event", shown(document))
                .log("an instance pushed an event, which nothing acts on");
    }

    @Override
    public boolean knows(String blockId) {
        return blocks.find(blockId) != null;
    }

    private void write(InstanceReported report) {
        String id = idPrefix + count.incrementAndGet();
        taskLog.submit(now ->
                new TaskLog.Entry(
                        new Envelope<>(
                                id,
                                source,
                                now.toEpochMilli(),
                                null,
                                null,
                                new InstanceReported(
                                        report.blockId(),
                                        report.instanceId(),
                                        now.toEpochMilli(),
                                        report.document())),
                        null,
                        null));
    }

    private Reply.@Nullable Failure answer(Block block, InboxWriter.Outcome outcome) {
        return switch (outcome) {
            case InboxWriter.Outcome.Durable() -> {
                metrics.accepted(block.id());
                yield null;
            }
            case InboxWriter.Outcome.Busy(String detail) -> new Reply.Failure("TRYAGAIN " + detail);
            case InboxWriter.Outcome.Unconfirmed(String detail) ->
                    new Reply.Failure("TRYAGAIN the log did not confirm the packet: " + detail);
        };
    }

    private static Reply.Failure refusal(Status status) {
        return new Reply.Failure("ERR " + status.getCode() + " " + status.getDescription());
    }

    private static @Nullable JsonNode tree(byte[] document) {
        if (document.length > 4 * EventLimits.MAX_REPORT_LENGTH) {
            return null;
        }
        try {
            return EventJson.MAPPER.readTree(document);
        } catch (IOException e) {
            return null;
        }
    }

    private static boolean notTaken(String why, byte[] document) {
        LOG.atWarn()
                .addKeyValue("reason", why)
                .addKeyValue("document", shown(document))
                .log("metrics document not taken");
        return false;
    }

    private static String shown(byte[] document) {
        String text = new String(document, StandardCharsets.UTF_8);
        return text.length() > MAX_SHOWN_CHARS ? text.substring(0, MAX_SHOWN_CHARS) + "..." : text;
    }
}
