package io.blockplane.runner;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.Command;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import io.blockplane.log.RecordCodec;
import io.blockplane.policy.PolicyEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy runner. It leads from {@link #start} on: an older one's decisions can't enter the log
 * any more. It decides on windows and probes that come while it leads (what came before has been
 * decided on by its predecessor or is superseded a second later), and answers every call of a
 * policy that stands in the log without an answer.
 */
public final class RunnerRole implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunnerRole.class);
    private static final Duration POLL = Duration.ofMillis(200);

    /** What the runner decides again and again for a block that has a policy for it. */
    private static final List<PolicyName> STEADY =
            List.of(PolicyName.AUTOSCALER, PolicyName.STABILITY_CHECKER);

    private final RunnerConfig config;
    private final BlockView blocks = new BlockView();
    private final PolicyCatalogue policies = new PolicyCatalogue();
    private final RecentInputs recent = new RecentInputs();
    private final DecisionWriter writer;
    private final FirstDecision first = new FirstDecision();
    private final Shared shared;
    private final KafkaConsumer<String, byte[]> news;
    private final Thread reader;
    private final Map<LineKey, DecisionLane> lanes = new ConcurrentHashMap<>();
    private final List<LogTail> tails = new ArrayList<>();

    /** Ids of the calls that came while it leads. Used by the tail of the commands only. */
    private final Set<String> taken = new HashSet<>();

    private @Nullable DecisionHistory history;
    private volatile boolean leading;
    private volatile boolean closing;
    private volatile @Nullable Throwable failure;

    /**
     * Prepares.
     *
     * @param engine closed by its owner, after this
     */
    public RunnerRole(RunnerConfig config, PolicyEngine engine) {
        this.config = config;
        this.writer = new DecisionWriter(config.kafka());
        this.shared =
                new Shared(
                        config.kafka(),
                        "/policy-runner/" + config.runnerId(),
                        engine,
                        blocks,
                        policies,
                        writer,
                        recent,
                        config.snapshotEvery(),
                        first);
        this.news = config.kafka().consumer(config.runnerId() + "-news");
        this.reader = Thread.ofPlatform().name("runner-news").unstarted(this::read);
    }

    /** Returns when it leads and has read what the log holds. Called once. */
    public void start() throws InterruptedException {
        String client = config.runnerId();
        LogTail blockTail = LogTail.start(config.kafka(), Topic.EVENTS, client, this::onBlockEvent);
        tails.add(blockTail);
        LogTail policyTail = LogTail.start(config.kafka(), Topic.POLICIES, client, policies::apply);
        tails.add(policyTail);
        writer.start();
        // Only now: nothing can be added by an older runner any more.
        history = DecisionHistory.read(config.kafka(), recent);
        blockTail.awaitCaughtUp();
        policyTail.awaitCaughtUp();
        List<TopicPartition> partitions =
                Stream.of(Topic.WINDOWS, Topic.PROBES)
                        .flatMap(topic -> news.partitionsFor(topic.topicName()).stream())
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        news.assign(partitions);
        news.seekToEnd(partitions);
        partitions.forEach(news::position);
        reader.start();
        leading = true;
        blocks.all().forEach(this::checkCandidates);
        tails.add(LogTail.start(config.kafka(), Topic.COMMANDS, client, this::onCommand));
        LOG.atInfo().addKeyValue("runnerId", config.runnerId()).log("policy runner leads");
    }

    /** Why it stopped deciding by itself, for a block or for all; null while all is well. */
    public @Nullable Throwable failure() {
        return Stream.of(
                        Stream.of(
                                Optional.<Throwable>ofNullable(failure),
                                Optional.<Throwable>ofNullable(writer.failure())),
                        List.copyOf(tails).stream()
                                .map(tail -> Optional.<Throwable>ofNullable(tail.failure())),
                        lanes.values().stream().map(lane -> Optional.ofNullable(lane.failure())))
                .flatMap(each -> each)
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(null);
    }

    /**
     * Processor time of this process from its start to its first evaluation of a policy; completes
     * then, and never where the system doesn't tell.
     */
    public CompletableFuture<Duration> firstDecision() {
        return first.cpuTime();
    }

    @Override
    public void close() {
        closing = true;
        news.wakeup();
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tails.forEach(LogTail::close);
        lanes.values().forEach(DecisionLane::close);
        writer.close();
    }

    private void read() {
        try (news) {
            while (!closing) {
                for (ConsumerRecord<String, byte[]> record : news.poll(POLL)) {
                    Topic topic =
                            record.topic().equals(Topic.WINDOWS.topicName())
                                    ? Topic.WINDOWS
                                    : Topic.PROBES;
                    offer(RecordCodec.decode(topic, record));
                }
            }
        } catch (WakeupException e) {
            // Only close wakes it up.
        } catch (RuntimeException e) {
            failure = e;
            LOG.atError().setCause(e).log("policy runner stopped reading windows and probes");
        }
    }

    private void offer(LogRecord<Event> record) {
        switch (record.event()) {
            case WindowClosed window ->
                    linesOf(window.blockId()).forEach(line -> lane(line).offer(window));
            case ProbeRecorded probe ->
                    linesOf(probe.blockId())
                            .filter(line -> line.kind() == Kind.HEALTH)
                            .forEach(line ->
                                    lane(line)
                                            .offerProbe(record.envelope().as(ProbeRecorded.class)));
            default -> {}
        }
    }

    /** Those that have something to decide, and those that have begun to. */
    private Stream<LineKey> linesOf(String blockId) {
        Stream<LineKey> bound =
                STEADY.stream()
                        .map(PolicyName::kind)
                        .flatMap(kind ->
                                Stream.of(
                                        LineKey.acting(blockId, kind),
                                        new LineKey(blockId, kind, PolicyDecided.SHADOW)))
                        .flatMap(line -> bound(line).stream());
        Stream<LineKey> begun =
                lanes.keySet().stream().filter(line -> line.blockId().equals(blockId));
        return Stream.concat(bound, begun).distinct();
    }

    /** The line, if there is a policy for it. */
    private Optional<LineKey> bound(LineKey line) {
        return blocks.block(line.blockId()).flatMap(b -> b.binding(line)).map(_ -> line);
    }

    private void onCommand(LogRecord<Event> record) {
        DecisionHistory recorded = history;
        if (record.event() instanceof PolicyCall call
                && call.kind() != Kind.ROUTE
                && (recorded == null || !recorded.answered(record.envelope().id()))
                && taken.add(record.envelope().id())) {
            lane(LineKey.acting(call.blockId(), call.kind())).offerCall(record, call);
        }
    }

    private void onBlockEvent(LogRecord<Event> record) {
        blocks.apply(record);
        if (!leading) {
            return;
        }
        switch (record.event()) {
            case BlockEvent.PolicyProposed _ ->
                    check(record.envelope().as(BlockEvent.PolicyProposed.class));
            case InstanceRequested requested ->
                    bound(LineKey.acting(requested.blockId(), Kind.PLACE))
                            .ifPresent(line ->
                                    lane(line)
                                            .offerRequested(
                                                    record.envelope().as(InstanceRequested.class)));
            default -> {}
        }
    }

    private void checkCandidates(BlockView.Block block) {
        block.candidates().values().forEach(this::check);
    }

    private void check(Envelope<BlockEvent.PolicyProposed> proposed) {
        Thread.ofVirtual()
                .name("check-" + proposed.id())
                .start(() -> {
                    try {
                        Envelope<Command> report = CandidateCheck.run(shared, proposed);
                        writer.append(List.of(report)).get();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (ExecutionException | RuntimeException e) {
                        failure = e;
                        LOG.atError()
                                .addKeyValue("blockId", proposed.event().blockId())
                                .addKeyValue("candidate", proposed.event().version())
                                .setCause(e)
                                .log("candidate not checked");
                    }
                });
    }

    private DecisionLane lane(LineKey line) {
        return lanes.computeIfAbsent(
                line, key -> DecisionLane.start(key, shared, decider(key, recorded(key))));
    }

    private DecisionHistory.OfLine recorded(LineKey line) {
        DecisionHistory recorded = history;
        return recorded == null ? DecisionHistory.OfLine.NONE : recorded.ofLine(line);
    }

    private Decider decider(LineKey line, DecisionHistory.OfLine recorded) {
        return switch (line.kind()) {
            case SCALE -> new Autoscaler(line, shared, recorded);
            case HEALTH -> new HealthChecker(line, shared, recorded);
            case FAILURE -> new FailurePolicies(line, shared, recorded);
            case PLACE -> new Placement(line, shared, recorded);
            case ROUTE ->
                    throw new IllegalArgumentException(
                            "kind: ROUTE (expected: one that the runner decides)");
        };
    }
}
