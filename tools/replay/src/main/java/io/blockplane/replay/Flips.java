package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.document.Document;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.DecisionChange;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.WindowDocuments;
import io.blockplane.replay.Flip.Change;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the {@link Flip} of a decision. Its effort is bounded by counts, never by time. */
public final class Flips {

    /** Numbers of the inputs that are tried. */
    static final int MAX_NUMBERS = 2_000;

    /** Numbers of the parameters that are tried: each run makes a new policy object. */
    static final int MAX_PARAMETERS = 12;

    private static final double PART_OF_INPUTS = 1e-4;

    /** Coarser: each run makes a policy object. */
    private static final double PART_OF_PARAMETERS = 1e-2;

    private static final double LEAST = 1e-9;

    private final PolicyDecided decision;
    private final MomentOfPolicy moment;
    private final String decided;
    private final List<Change> changes = new ArrayList<>();
    private final List<String> notTried = new ArrayList<>();
    private int tried;

    private Flips(PolicyDecided decision, MomentOfPolicy moment) {
        this.decision = decision;
        this.moment = moment;
        this.decided = DecisionChange.effect(decision);
    }

    /**
     * Of an evaluation.
     *
     * @throws IOException when its policy object can't be brought back, with the reason
     */
    public static Flip of(LogSource source, PolicyDecided decision) throws IOException {
        try (PolicyEngine engine = PolicyEngine.create()) {
            return of(source, decision, engine);
        }
    }

    static Flip of(LogSource source, PolicyDecided decision, PolicyEngine engine)
            throws IOException {
        if (decision.call() != Call.EVAL || decision.kind() == Kind.ROUTE) {
            throw new IOException(
                    "call: %s of %s (expected: EVAL, of another kind than ROUTE)"
                            .formatted(decision.call(), decision.kind()));
        }
        Instant at = Instant.ofEpochMilli(decision.logicalTimeMs());
        Selection until = new Selection(decision.blockId(), at, at.plusMillis(1), List.of());
        try (DecisionLog log = DecisionLog.read(source, until)) {
            String name = DecisionLog.chain(decision.blockId(), decision.kind(), decision.lane());
            Chain chain = log.chains().getOrDefault(name, Chain.NONE);
            List<PolicyDecided> history = new ArrayList<>();
            for (LogRecord<Event> record : chain.records()) {
                PolicyDecided before = (PolicyDecided) record.event();
                if (before.sequence() >= decision.sequence()) {
                    break;
                }
                if (before.call() == Call.INIT) {
                    history.clear();
                }
                history.add(before);
            }
            try (MomentOfPolicy moment = MomentOfPolicy.of(log, engine, history)) {
                Flips flips = new Flips(decision, moment);
                flips.search(log);
                return flips.found();
            }
        }
    }

    private Flip found() {
        List<Change> nearest =
                changes.stream()
                        .sorted(Comparator.comparingDouble(Change::distance))
                        .limit(Flip.SHOWN)
                        .toList();
        return new Flip(decided, nearest, tried, moment.runs(), notTried);
    }

    private void search(DecisionLog log) throws IOException {
        PolicyDecided again = moment.decide(decision, log::document);
        if (again == null || !DecisionChange.sameEffect(decision, again)) {
            throw new IOException(
                    "it comes out otherwise when it is executed again: verify the log first");
        }
        Set<String> windows = new HashSet<>();
        for (Effect effect : decision.effects()) {
            if (effect instanceof MetricsRead read
                    && read.windowId() != null
                    && windows.add(read.windowId())) {
                metrics(log, read.windowId());
            }
        }
        Json input = decision.input();
        numbers(
                "input.",
                input,
                changed -> moment.decide(Changed.input(decision, changed), log::document),
                MAX_NUMBERS,
                PART_OF_INPUTS);
        parameters();
    }

    private void metrics(DecisionLog log, String windowId) {
        Document document = log.document(windowId);
        if (document == null) {
            notTried.add("window " + windowId + ": it is not in the log");
            return;
        }
        numbers(
                "metrics.",
                document.json(),
                changed -> {
                    Document other = Document.of(changed);
                    WindowDocuments documents =
                            id -> id.equals(windowId) ? other : log.document(id);
                    return moment.decide(decision, documents);
                },
                MAX_NUMBERS,
                PART_OF_INPUTS);
    }

    private void parameters() {
        int before = moment.notFed();
        if (before > 0) {
            notTried.add(
                    "parameters with the %,d calls before the last %d: what those would have left"
                                    .formatted(before, MomentOfPolicy.MAX_FED)
                            + " is not in the answers on parameters");
        }
        numbers(
                "parameters.",
                decision.parameters(),
                changed -> moment.decideWith(changed, decision),
                MAX_PARAMETERS,
                PART_OF_PARAMETERS);
    }

    private void numbers(
            String prefix,
            Json value,
            Function<Json, @Nullable PolicyDecided> decide,
            int limit,
            double part) {
        List<Numbers.Place> places = Numbers.in(value);
        if (places.size() > limit) {
            notTried.add(
                    "%,d of the numbers of %s (at most %,d are)"
                            .formatted(places.size() - limit, prefix, limit));
        }
        for (Numbers.Place place : places.subList(0, Math.min(limit, places.size()))) {
            tried++;
            FlipSearch search =
                    new FlipSearch(
                            number -> effect(decide.apply(Numbers.with(value, place, number))),
                            decided,
                            new FlipSearch.Precision(part, place.integral() ? 1 : LEAST));
            OptionalDouble flipped = search.nearest(place.value());
            if (flipped.isPresent()) {
                double at = flipped.getAsDouble();
                String other = effect(decide.apply(Numbers.with(value, place, at)));
                changes.add(
                        new Change(
                                prefix + place.path(),
                                place.value(),
                                Numbers.written(place, at),
                                other == null ? "?" : other));
            }
        }
    }

    private static @Nullable String effect(@Nullable PolicyDecided decided) {
        return decided == null ? null : DecisionChange.effect(decided);
    }
}
