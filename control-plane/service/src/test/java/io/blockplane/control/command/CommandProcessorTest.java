package io.blockplane.control.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.blockplane.control.TestLog;
import io.blockplane.control.command.CommandGateway.Outcome;
import io.blockplane.control.core.InstanceIds;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.CommandRefused;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.Command.CreateBlock;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.DeadLettered;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyEvent.ArchiveUploaded;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogWriter;
import io.blockplane.log.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test has blocks of its own on one log. */
class CommandProcessorTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir static Path dataDir;
    static TestLog log;

    @BeforeAll
    static void startLog() throws Exception {
        log = new TestLog(dataDir);
    }

    @AfterAll
    static void stopLog() {
        log.close();
    }

    @Test
    void writesWhatACommandLeadsToWithWhatTiesItToTheCommand() throws Exception {
        try (CommandProcessor processor = leading("one")) {
            log.append("tie-1", 5_000, new CreateBlock(TestLog.spec("tie", 1, 3)));
            awaitEvents("tie", 2);
            List<LogRecord<Event>> records =
                    log.all(Topic.EVENTS).stream()
                            .filter(r -> r.event().subject().equals("tie"))
                            .toList();
            assertThat(records)
                    .extracting(LogRecord::envelope)
                    .containsExactly(
                            new Envelope<>(
                                    "evt-tie-1",
                                    "/control-plane/one",
                                    5_000,
                                    "corr-tie-1",
                                    "tie-1",
                                    new BlockCreated("tie", 1, TestLog.spec("tie", 1, 3))),
                            new Envelope<>(
                                    "evt-tie-2",
                                    "/control-plane/one",
                                    5_000,
                                    "corr-tie-1",
                                    "tie-1",
                                    new InstanceRequested("tie", 2, InstanceIds.of("tie", 1), 1)));
            assertThat(processor.leadership()).isEqualTo(new Leadership.Leading());
        }
    }

    @Test
    void refusesInTheLog() throws Exception {
        try (CommandProcessor _ = leading("one")) {
            log.append("bad-1", 1, up("nowhere", 1));
            awaitEvents("nowhere", 1);
            LogRecord<Event> refusal =
                    log.all(Topic.EVENTS).stream()
                            .filter(r -> r.event().subject().equals("nowhere"))
                            .findFirst()
                            .orElseThrow();
            assertThat(refusal.envelope().id()).isEqualTo("ref-bad-1");
            assertThat(refusal.envelope().causationId()).isEqualTo("bad-1");
            assertThat(refusal.event())
                    .isEqualTo(
                            new CommandRefused(
                                    "nowhere",
                                    0,
                                    "bad-1",
                                    "UNKNOWN_BLOCK",
                                    "blockId",
                                    "blockId: nowhere (expected: the id of a block)"));
        }
    }

    @Test
    void letsACommandThatStandsInTheLogTwiceTakeEffectOnce() throws Exception {
        try (CommandProcessor _ = leading("one")) {
            log.append("twice-1", 1, new CreateBlock(TestLog.spec("twice", 0, 9)));
            log.append("twice-2", 2, up("twice", 2));
            log.append("twice-2", 2, up("twice", 2));
        }
        try (CommandProcessor _ = leading("two")) {
            log.append("twice-2", 2, up("twice", 2));
            log.append("twice-3", 3, up("twice", 1));
            awaitEvents("twice", 6);
            assertThat(log.of(Topic.EVENTS, "twice"))
                    .extracting(e -> e.getClass().getSimpleName())
                    .containsExactly(
                            "BlockCreated",
                            "ScaleApplied",
                            "InstanceRequested",
                            "InstanceRequested",
                            "ScaleApplied",
                            "InstanceRequested");
        }
    }

    @Test
    void putsWhatItCannotReadAsideAndGoesOn() throws Exception {
        try (CommandProcessor _ = leading("one")) {
            log.append(
                    new ProducerRecord<>(
                            Topic.COMMANDS.topicName(),
                            "aside",
                            "no event".getBytes(StandardCharsets.UTF_8)));
            log.append("aside-1", 1, new CreateBlock(TestLog.spec("aside", 0, 1)));
            awaitEvents("aside", 1);
        }
        assertThat(log.all(Topic.DEAD_LETTERS))
                .extracting(LogRecord::event)
                .filteredOn(DeadLettered.class::isInstance)
                .map(DeadLettered.class::cast)
                .anySatisfy(letter -> {
                    assertThat(letter.sourceTopic()).isEqualTo("blockplane.commands");
                    assertThat(letter.reason()).isEqualTo("header ce_type is missing");
                });
    }

    @Test
    void neverDecidesAgainWhenTheBrokerHasForgottenItsPosition() throws Exception {
        try (CommandProcessor _ = leading("one")) {
            log.append("forget-1", 1, new CreateBlock(TestLog.spec("forget", 0, 900)));
            for (int i = 0; i < 20; i++) {
                log.append("forget-up-" + i, i, up("forget", 1));
            }
            awaitEvents("forget", 41);
        }
        int events = log.all(Topic.EVENTS).size();
        try (Admin admin = log.kafka().admin()) {
            admin.deleteConsumerGroups(List.of(CommandProcessor.GROUP_ID))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
        try (CommandProcessor _ = leading("two")) {
            log.append("forget-last", 1, up("forget", 1));
            awaitEvents("forget", 43);
        }
        assertThat(log.all(Topic.EVENTS)).hasSize(events + 2);
    }

    @Test
    void takesNothingFromATransactionThatACrashLeftOpen() throws Exception {
        KafkaProducer<String, byte[]> crashed =
                log.kafka().transactionalProducer(CommandProcessor.TRANSACTIONAL_ID);
        try {
            crashed.initTransactions();
            crashed.beginTransaction();
            crashed.send(
                            RecordCodec.encode(
                                    new Envelope<>(
                                            "evt-open-1",
                                            "/control-plane/crashed",
                                            1,
                                            null,
                                            "open-0",
                                            new BlockCreated(
                                                    "open", 1, TestLog.spec("open", 0, 1)))))
                    .get(30, TimeUnit.SECONDS);
            try (CommandProcessor _ = leading("one")) {
                log.append("open-1", 1, new CreateBlock(TestLog.spec("open", 0, 2)));
                awaitEvents("open", 1);
                assertThat(log.of(Topic.EVENTS, "open"))
                        .containsExactly(new BlockCreated("open", 1, TestLog.spec("open", 0, 2)));
            }
        } finally {
            crashed.close(Duration.ZERO);
        }
    }

    @Test
    void standsBackWhenANewerOneLeadsEvenWhenNothingHappens() throws Exception {
        try (CommandProcessor older = leading("older")) {
            try (CommandProcessor newer = leading("newer")) {
                await().atMost(LIMIT).until(() -> older.leadership() instanceof Leadership.Fenced);
                assertThatThrownBy(older::awaitLeading)
                        .hasMessageContaining("a newer control plane");
                assertThat(
                                older.append(
                                        List.of(
                                                new Envelope<>(
                                                        "late",
                                                        "/test",
                                                        1,
                                                        null,
                                                        null,
                                                        new ArchiveUploaded("late.zip", "00")))))
                        .as("a write after it")
                        .failsWithin(LIMIT);
                log.append("fence-1", 1, new CreateBlock(TestLog.spec("fence", 0, 1)));
                awaitEvents("fence", 1);
                assertThat(newer.leadership()).isEqualTo(new Leadership.Leading());
            }
        }
        assertThat(log.all(Topic.EVENTS))
                .filteredOn(r -> r.event().subject().equals("fence"))
                .extracting(r -> r.envelope().source())
                .containsExactly("/control-plane/newer");
    }

    @Test
    void answersLaterWhatWasNotDecidedInTime() throws Exception {
        try (LogWriter writer = new LogWriter(log.kafka(), "gateway");
                BlockDirectory directory = new BlockDirectory(log.kafka(), "gateway")) {
            directory.start();
            CommandGateway hasty =
                    new CommandGateway(
                            writer, directory, InstantSource.system(), Duration.ofMillis(500));
            CreateBlock create = new CreateBlock(TestLog.spec("later", 0, 1));
            assertThat(hasty.submit("later-1", create))
                    .as("nobody leads")
                    .isEqualTo(new Outcome.Undecided("later-1", Duration.ofMillis(500)));
            try (CommandProcessor _ = leading("one")) {
                CommandGateway patient =
                        new CommandGateway(writer, directory, InstantSource.system(), LIMIT);
                assertThat(patient.submit("later-1", create))
                        .isInstanceOfSatisfying(
                                Outcome.Decided.class,
                                decided ->
                                        assertThat(decided.event().event())
                                                .isInstanceOf(BlockCreated.class));
                await().atMost(LIMIT).until(() -> directory.block("later").isPresent());
                assertThat(directory.history("later")).hasSize(1);
            }
        }
        assertThat(log.of(Topic.EVENTS, "later")).hasSize(1);
    }

    @Test
    void writesForOthersInItsTurn() throws Exception {
        try (CommandProcessor processor = leading("one")) {
            processor
                    .append(
                            List.of(
                                    new Envelope<>(
                                            "upload-1",
                                            "/test",
                                            1,
                                            null,
                                            null,
                                            new ArchiveUploaded("a.zip", "00")),
                                    new Envelope<>(
                                            "upload-2",
                                            "/test",
                                            1,
                                            null,
                                            null,
                                            new ArchiveUploaded("b.zip", "00"))))
                    .get(60, TimeUnit.SECONDS);
            assertThat(log.all(Topic.POLICIES)).hasSize(2);
        }
    }

    @Test
    void stopsAndNamesThePlaceWhenTheLogIsBroken(@TempDir Path broken) throws Exception {
        try (TestLog brokenLog = new TestLog(broken)) {
            brokenLog.append("evt-b-7", 1, new BlockEvent.InstanceDraining("b", 7, "in-none"));
            try (CommandProcessor processor = new CommandProcessor(brokenLog.kafka(), "one")) {
                processor.start();
                assertThatThrownBy(processor::awaitLeading)
                        .isInstanceOf(IllegalStateException.class);
                assertThat(processor.leadership())
                        .isInstanceOfSatisfying(
                                Leadership.Failed.class,
                                failed ->
                                        assertThat(failed.reason())
                                                .matches(
                                                        "blockplane.events-[01]@0: version: 7 of"
                                                                + " InstanceDraining of block b"
                                                                + " \\(expected: 1\\)"));
            }
        }
    }

    private static CommandProcessor leading(String id) throws InterruptedException {
        CommandProcessor processor = new CommandProcessor(log.kafka(), id);
        processor.start();
        processor.awaitLeading();
        return processor;
    }

    private static ScaleBlock up(String blockId, int count) {
        return new ScaleBlock(blockId, Operation.UPSCALE, count, List.of(), null);
    }

    private static void awaitEvents(String blockId, int count) {
        await().atMost(LIMIT).until(() -> log.seen(blockId) >= count);
    }
}
