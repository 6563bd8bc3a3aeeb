package io.blockplane.control.core;

import static io.blockplane.control.core.Given.ADDRESS;
import static io.blockplane.control.core.Given.BLOCK;
import static io.blockplane.control.core.Given.after;
import static io.blockplane.control.core.Given.command;
import static io.blockplane.control.core.Given.down;
import static io.blockplane.control.core.Given.drained;
import static io.blockplane.control.core.Given.exited;
import static io.blockplane.control.core.Given.instance;
import static io.blockplane.control.core.Given.ready;
import static io.blockplane.control.core.Given.report;
import static io.blockplane.control.core.Given.run;
import static io.blockplane.control.core.Given.spec;
import static io.blockplane.control.core.Given.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.core.Decision.Accepted;
import io.blockplane.control.core.Decision.Rejected;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.Clamp;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockEvent.ScaleApplied;
import io.blockplane.events.Command;
import io.blockplane.events.Command.CreateBlock;
import io.blockplane.events.Command.Observation;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.PolicyDecided.Operation;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DecideTest {

    private static final CreateBlock CREATE = new CreateBlock(spec(1, 3));

    @Test
    void createsABlockWithItsLeastInstances() {
        assertThat(events(BlockState.absent(), new CreateBlock(spec(2, 3))))
                .containsExactly(
                        new BlockCreated(BLOCK, 1, spec(2, 3)),
                        new InstanceRequested(BLOCK, 2, instance(1), 1),
                        new InstanceRequested(BLOCK, 3, instance(2), 2));
    }

    @Test
    void createsABlockWithoutInstances() {
        assertThat(events(BlockState.absent(), new CreateBlock(spec(0, 1))))
                .containsExactly(new BlockCreated(BLOCK, 1, spec(0, 1)));
    }

    @Test
    void refusesABlockThatExists() {
        assertThat(rejection(after(CREATE), CREATE)).isEqualTo(new Rejection.BlockExists(BLOCK));
    }

    @Test
    void refusesCommandsForABlockThatDoesNotExist() {
        assertThat(rejection(BlockState.absent(), up(1)))
                .isEqualTo(new Rejection.UnknownBlock(BLOCK));
        assertThat(rejection(BlockState.absent(), ready(1, 1)))
                .isEqualTo(new Rejection.UnknownBlock(BLOCK));
    }

    @Test
    void scalesUpByNewInstances() {
        assertThat(events(after(CREATE), up(2)))
                .containsExactly(
                        new ScaleApplied(
                                BLOCK,
                                3,
                                Operation.UPSCALE,
                                2,
                                1,
                                3,
                                List.of(instance(2), instance(3)),
                                List.of(),
                                List.of(),
                                "more load"),
                        new InstanceRequested(BLOCK, 4, instance(2), 2),
                        new InstanceRequested(BLOCK, 5, instance(3), 3));
    }

    @Test
    void cutsAScaleUpToMaxInstancesAndSaysSo() {
        ScaleApplied applied = applied(after(CREATE), up(5));
        assertThat(applied.after()).isEqualTo(3);
        assertThat(applied.clamps())
                .containsExactly(
                        new Clamp(
                                "maxInstances",
                                5,
                                2,
                                "maxInstances is 3 and the block is to have 1 already"));
    }

    @Test
    void recordsAScaleUpOfWhichNothingIsLeft() {
        BlockState full = after(CREATE, up(2));
        assertThat(events(full, up(1))).hasSize(1);
        ScaleApplied applied = applied(full, up(1));
        assertThat(applied.before()).isEqualTo(3).isEqualTo(applied.after());
        assertThat(applied.clamps()).extracting(Clamp::granted).containsExactly(0);
    }

    @Test
    void drainsTheInstancesThatAreNamed() {
        BlockState three = after(CREATE, up(2), ready(2, 1));
        assertThat(events(three, down(instance(2), instance(3), instance(2))))
                .containsExactly(
                        new ScaleApplied(
                                BLOCK,
                                7,
                                Operation.DOWNSCALE,
                                2,
                                3,
                                1,
                                List.of(),
                                List.of(instance(2), instance(3)),
                                List.of(),
                                "less load"),
                        new BlockEvent.InstanceDraining(BLOCK, 8, instance(2)),
                        new BlockEvent.InstanceDraining(BLOCK, 9, instance(3)));
    }

    @Test
    void keepsMinInstancesWhateverIsNamed() {
        BlockState two = after(CREATE, up(1));
        ScaleApplied applied = applied(two, down(instance(2), instance(1)));
        assertThat(applied.removed()).containsExactly(instance(2));
        assertThat(applied.clamps())
                .containsExactly(
                        new Clamp(
                                "minInstances",
                                2,
                                1,
                                "minInstances is 1 and the block is to have 2"));
    }

    @Test
    void leavesOutInstancesThatAreUnknownOrGoingAndNamesThem() {
        BlockState state = after(new CreateBlock(spec(0, 3)), up(2), down(instance(1)));
        ScaleApplied applied = applied(state, down("in-none", instance(1), instance(2)));
        assertThat(applied.removed()).containsExactly(instance(2));
        assertThat(applied.clamps())
                .containsExactly(
                        new Clamp(
                                "unknownInstance",
                                3,
                                1,
                                "in-none: no such instance, " + instance(1) + " is going already"));
    }

    @Test
    void refusesScaleCommandsThatSayNothing() {
        BlockState state = after(CREATE);
        assertThat(rejection(state, up(0)).message()).isEqualTo("count: 0 (expected: at least 1)");
        assertThat(rejection(state, down()).message())
                .isEqualTo("instanceIds: [] (expected: at least one instance id)");
        assertThat(
                        rejection(state, new ScaleBlock(BLOCK, Operation.NONE, 1, List.of(), null))
                                .message())
                .isEqualTo("operation: NONE (expected: UPSCALE or DOWNSCALE)");
    }

    @Test
    void takesAnInstanceThroughItsLife() {
        BlockState state = after(new CreateBlock(spec(0, 2)), up(1));
        assertThat(events(state, ready(1, 1)))
                .containsExactly(new BlockEvent.InstanceReady(BLOCK, 4, instance(1), 1, ADDRESS));
        state = run(state, command("a", ready(1, 1)));
        state = run(state, command("b", down(instance(1))));
        assertThat(events(state, drained(1, 1)))
                .containsExactly(new BlockEvent.InstanceDrained(BLOCK, 7, instance(1)));
        state = run(state, command("c", drained(1, 1)));
        assertThat(events(state, exited(1, 1)))
                .containsExactly(new BlockEvent.InstanceStopped(BLOCK, 8, instance(1), 137));
        state = run(state, command("d", exited(1, 1)));
        assertThat(((BlockState.Present) state).instances()).isEmpty();
    }

    @Test
    void runsAWantedInstanceThatExitedAgain() {
        BlockState ready = after(CREATE, ready(1, 1));
        assertThat(events(ready, exited(1, 1)))
                .containsExactly(
                        new BlockEvent.InstanceLost(BLOCK, 4, instance(1), 2, 137, "killed"));
        BlockState requested = after(CREATE, exited(1, 1), exited(1, 2));
        assertThat(((BlockState.Present) requested).instances())
                .containsExactly(new Instance(instance(1), 1, 3, Instance.Phase.REQUESTED, null));
    }

    @Test
    void justStopsADrainingInstanceThatWasNeverReady() {
        BlockState state = after(new CreateBlock(spec(0, 1)), up(1), down(instance(1)));
        assertThat(events(state, exited(1, 1)))
                .containsExactly(new BlockEvent.InstanceStopped(BLOCK, 6, instance(1), 137));
    }

    @Test
    void letsAReportOfWhatIsKnownChangeNothing() {
        assertThat(events(after(CREATE, ready(1, 1)), ready(1, 1))).isEmpty();
        BlockState drained =
                after(
                        new CreateBlock(spec(0, 1)),
                        up(1),
                        ready(1, 1),
                        down(instance(1)),
                        drained(1, 1));
        assertThat(events(drained, drained(1, 1))).isEmpty();
    }

    @Test
    void refusesReportsThatComeTooLate() {
        assertThat(rejection(after(CREATE, exited(1, 1)), ready(1, 1)).message())
                .isEqualTo(
                        "observation: READY of %s is too late: it runs as generation 2"
                                .formatted(instance(1)));
        BlockState draining = after(new CreateBlock(spec(0, 1)), up(1), down(instance(1)));
        assertThat(rejection(draining, ready(1, 1)).code()).isEqualTo(Rejection.Code.STALE_REPORT);
        BlockState gone =
                after(new CreateBlock(spec(0, 1)), up(1), down(instance(1)), exited(1, 1));
        assertThat(rejection(gone, drained(1, 1)))
                .isEqualTo(new Rejection.UnknownInstance(BLOCK, instance(1)));
    }

    @Test
    void refusesReportsThatCannotBeTrue() {
        BlockState ready = after(CREATE, ready(1, 1));
        assertThat(rejection(ready, drained(1, 1)).message())
                .isEqualTo(
                        "observation: DRAINED of %s cannot be: it is not to go"
                                .formatted(instance(1)));
        assertThat(rejection(ready, ready(1, 2)).message())
                .endsWith("cannot be: generation 2 (expected: 1)");
        ReportInstance elsewhere =
                report(
                        1,
                        1,
                        Observation.READY,
                        new io.blockplane.events.InstanceAddress(
                                "grpc", "127.0.0.1:1", "http://x"));
        assertThat(rejection(ready, elsewhere).code()).isEqualTo(Rejection.Code.IMPOSSIBLE_REPORT);
        assertThat(rejection(after(CREATE), report(1, 1, Observation.READY, null)).message())
                .isEqualTo("address: null (expected: where the instance serves)");
    }

    @Test
    void changesNothingForACommandIdThatWasSeen() {
        BlockState state = run(after(CREATE), command("once", up(1)));
        assertThat(BlockDecider.decide(state, command("once", up(1))))
                .isEqualTo(new Accepted<>(List.of(), new Reply.AlreadyDecided("once")));
        BlockState refused = run(state, command("bad", up(0)));
        assertThat(BlockDecider.decide(refused, command("bad", up(1))))
                .isEqualTo(new Accepted<>(List.of(), new Reply.AlreadyDecided("bad")));
    }

    @Test
    void remembersRefusalsOfABlockThatDoesNotExistYet() {
        BlockState state = run(BlockState.absent(), command("early", up(1)));
        state = run(state, command("create", CREATE));
        assertThat(events(state, command("early", up(1)))).isEmpty();
    }

    @Test
    void forgetsTheOldestCommandAtTheLimit() {
        CommandMemory memory = CommandMemory.EMPTY;
        for (int i = 0; i <= CommandMemory.LIMIT; i++) {
            memory = memory.with("cmd-" + i).with("cmd-" + i);
        }
        assertThat(memory.ids()).hasSize(CommandMemory.LIMIT);
        assertThat(memory.contains("cmd-0")).isFalse();
        assertThat(memory.contains("cmd-1")).isTrue();
    }

    @Test
    void refusesToRunOutOfInstanceIds() {
        BlockState.Present block =
                new BlockState.Present(
                        spec(0, 2),
                        7,
                        InstanceIds.COUNT - 1,
                        List.of(),
                        new TreeMap<>(),
                        CommandMemory.EMPTY);
        assertThat(rejection(block, up(2))).isEqualTo(new Rejection.InstanceIdsExhausted(BLOCK));
        assertThat(rejection(block, up(2)).message())
                .isEqualTo("block blk has used up its 1679616 instance ids: create another block");
        assertThat(applied(block, up(1)).added()).containsExactly(instance(InstanceIds.COUNT));
    }

    private static ScaleApplied applied(BlockState state, Command command) {
        return (ScaleApplied) events(state, command).getFirst();
    }

    private static List<BlockEvent> events(BlockState state, Command command) {
        return events(state, command("cmd-test", command));
    }

    private static List<BlockEvent> events(
            BlockState state, io.blockplane.events.Envelope<Command> command) {
        return switch (BlockDecider.decide(state, command)) {
            case Accepted<Reply>(List<BlockEvent> events, Reply _) -> events;
            case Rejected<Reply>(Rejection reason) -> throw new AssertionError(reason.message());
        };
    }

    private static Rejection rejection(BlockState state, Command command) {
        return switch (BlockDecider.decide(state, command("cmd-test", command))) {
            case Accepted<Reply> accepted -> throw new AssertionError(accepted);
            case Rejected<Reply>(Rejection reason) -> reason;
        };
    }
}
