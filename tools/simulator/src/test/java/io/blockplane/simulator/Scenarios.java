package io.blockplane.simulator;

import io.blockplane.events.BlockSpec;
import io.blockplane.events.Json;
import io.blockplane.simulator.Scenario.Timing;
import io.blockplane.simulator.result.BacktestResult.Slo;
import io.blockplane.simulator.service.Demand;
import io.blockplane.simulator.service.PlacesService;
import io.blockplane.simulator.service.ServiceModel;
import io.blockplane.simulator.workload.Request;
import io.blockplane.simulator.workload.SyntheticWorkload;
import io.blockplane.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Scenarios for tests. */
public final class Scenarios {

    public static final Slo SLO = new Slo(2_000, 0.95);

    private Scenarios() {}

    public static BlockSpec spec(int min, int max) {
        return new BlockSpec(
                "block",
                "builtin:llm-sim",
                min,
                max,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                new TreeMap<>());
    }

    /** One request each so many milliseconds. */
    public static Workload every(long ms, int count, boolean ordered) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(new Request(i, i * ms * 1_000_000, "s" + i % 3, i, 100, 10, ordered, -1));
        }
        return new Workload("synthetic", "even", "", 0, requests);
    }

    /** Two busy minutes between quiet ones. */
    public static Workload burst() {
        List<Request> requests = new ArrayList<>();
        for (int second = 0; second < 600; second++) {
            int count = second >= 120 && second < 240 ? 20 : 2;
            for (int i = 0; i < count; i++) {
                long at = second * 1_000_000_000L + i * 1_000_000_000L / count;
                requests.add(Request.of(requests.size(), at, "s" + i, second, 200, 20));
            }
        }
        return new Workload("synthetic", "burst", "", 0, requests);
    }

    public static Workload poisson(int count, double perSecond) {
        return new SyntheticWorkload(count, perSecond, 200, 20, 8).make(1);
    }

    public static Scenario of(Workload workload, ServiceModel service, Timing timing) {
        return new Scenario(
                spec(1, 10), workload, service, timing, SLO, 1, 0, Scenario.NO_TIMEOUT, List.of());
    }

    public static Timing timing() {
        return new Timing(
                Durations.ofMs(List.of(4_000, 5_000, 6_000)),
                Durations.ofMs(500),
                Durations.ofMs(List.of(100, 200, 300)));
    }

    public static ServiceModel quarterSecond() {
        return new PlacesService(1, new Demand.Constant(0.25));
    }
}
