package io.blockplane.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Command;
import io.blockplane.events.Command.CreateBlock;
import io.blockplane.events.Command.Observation;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.Envelope;
import io.blockplane.events.PolicyDecided.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random lives of a block: people, policies, drivers and executors that are late, repeat themselves
 * or lie. After each event the invariants hold. {@code -Dseeds=5000} for nights.
 */
class SimulationTest {

    private static final int COMMANDS = 120;

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("seeds", 200));
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void holdsItsInvariantsThroughARandomLife(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int min = random.nextInt(4);
        BlockSpec spec = PolicyLives.spec(random, min, Math.max(1, min + random.nextInt(5)));
        List<Envelope<BlockEvent>> log = new ArrayList<>();
        List<BlockState> seen = new ArrayList<>();
        List<Envelope<Command>> sent = new ArrayList<>();
        BlockState state = BlockState.absent();
        seen.add(state);
        for (int i = 0; i < COMMANDS; i++) {
            Envelope<Command> command = command(random, spec, state, sent, i);
            sent.add(command);
            Decision<Reply> decision = BlockDecider.decide(state, command);
            assertThat(BlockDecider.decide(state, command)).isEqualTo(decision);
            BlockState before = state;
            for (Envelope<BlockEvent> fact : Facts.of(state, command, decision, "/test")) {
                state = BlockReplay.replay(state, fact);
                log.add(fact);
                seen.add(state);
                assertThat(wanted(state)).isLessThanOrEqualTo(spec.maxInstances());
            }
            if (state instanceof BlockState.Present block) {
                assertThat(block.wanted()).isBetween(spec.minInstances(), spec.maxInstances());
                PolicyLives.assertSane(before, command, block);
            }
            if (before.commands().contains(command.id())) {
                assertThat(state).as("the same command again").isEqualTo(before);
            }
        }
        assertVersionsHaveNoGap(log);
        assertNoIdIsUsedTwice(log);
        assertEveryCutGivesTheSameState(log, seen);
    }

    private static Envelope<Command> command(
            SplittableRandom random,
            BlockSpec spec,
            BlockState state,
            List<Envelope<Command>> sent,
            int number) {
        if (!sent.isEmpty() && random.nextInt(5) == 0) {
            return sent.get(random.nextInt(sent.size()));
        }
        Command command =
                switch (random.nextInt(12)) {
                    case 0 -> new CreateBlock(spec);
                    case 1, 2 -> scale(random, state);
                    case 3, 4, 5, 6 -> PolicyLives.command(random, state);
                    default -> report(random, state);
                };
        return new Envelope<>("cmd-" + number, "/test", number, null, null, command);
    }

    private static Command scale(SplittableRandom random, BlockState state) {
        if (random.nextBoolean()) {
            return new ScaleBlock(
                    Given.BLOCK, Operation.UPSCALE, random.nextInt(4), List.of(), null);
        }
        List<String> ids = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            ids.add(someInstance(random, state));
        }
        return new ScaleBlock(Given.BLOCK, Operation.DOWNSCALE, 0, ids, null);
    }

    private static Command report(SplittableRandom random, BlockState state) {
        String instanceId = someInstance(random, state);
        int generation = 1;
        if (state instanceof BlockState.Present block) {
            generation =
                    block.instance(instanceId).map(Instance::generation).orElse(1)
                            + (random.nextInt(6) == 0 ? random.nextInt(3) - 1 : 0);
        }
        Observation[] all = Observation.values();
        Observation observation = all[random.nextInt(all.length)];
        return new ReportInstance(
                Given.BLOCK,
                instanceId,
                generation,
                observation,
                observation == Observation.READY ? Given.ADDRESS : null,
                null,
                null);
    }

    private static String someInstance(SplittableRandom random, BlockState state) {
        if (state instanceof BlockState.Present block
                && !block.instances().isEmpty()
                && random.nextInt(5) > 0) {
            return block.instances().get(random.nextInt(block.instances().size())).instanceId();
        }
        return Given.instance(1 + random.nextInt(9));
    }

    private static int wanted(BlockState state) {
        return switch (state) {
            case BlockState.Absent _ -> 0;
            case BlockState.Present block -> block.wanted();
        };
    }

    private static void assertVersionsHaveNoGap(List<Envelope<BlockEvent>> log) {
        long version = 0;
        Set<String> ids = new HashSet<>();
        for (Envelope<BlockEvent> fact : log) {
            if (!(fact.event() instanceof BlockEvent.CommandRefused)) {
                version++;
            }
            assertThat(fact.event().version()).isEqualTo(version);
            assertThat(ids.add(fact.id())).as("event id %s is new", fact.id()).isTrue();
        }
    }

    private static void assertNoIdIsUsedTwice(List<Envelope<BlockEvent>> log) {
        List<String> requested =
                log.stream()
                        .map(Envelope::event)
                        .filter(InstanceRequested.class::isInstance)
                        .map(e -> ((InstanceRequested) e).instanceId())
                        .toList();
        assertThat(requested).doesNotHaveDuplicates();
    }

    /** A reader that stops anywhere and goes on, in batches of any size, sees what decide saw. */
    private static void assertEveryCutGivesTheSameState(
            List<Envelope<BlockEvent>> log, List<BlockState> seen) {
        for (int batch = 1; batch <= log.size(); batch++) {
            BlockState state = BlockState.absent();
            for (int from = 0; from < log.size(); from += batch) {
                int to = Math.min(log.size(), from + batch);
                for (Envelope<BlockEvent> fact : log.subList(from, to)) {
                    state = BlockReplay.replay(state, fact);
                }
                assertThat(state.equals(seen.get(to))).as("batch %d to %d", batch, to).isTrue();
            }
        }
    }
}
