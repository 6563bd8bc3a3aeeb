package io.blockplane.simulator.service;

import io.blockplane.llm.LlmEngine.Limits;
import io.blockplane.llm.ServiceTimes;
import io.blockplane.llm.TimingTable;
import java.util.List;
import org.junit.jupiter.api.Nested;

class ServiceModelsTest {

    static LlmService formula() {
        TimingTable table = TimingTable.formula();
        return new LlmService(
                ServiceTimes.fit(table, table.setups().getFirst()), Limits.DEFAULT, 1, 2, "");
    }

    @Nested
    class OfLanguageModels extends ServiceModelContract {
        @Override
        ServiceModel model() {
            return formula();
        }
    }

    @Nested
    class WithConstantDemand extends ServiceModelContract {
        @Override
        ServiceModel model() {
            return new PlacesService(2, new Demand.Constant(0.02));
        }
    }

    @Nested
    class WithExponentialDemand extends ServiceModelContract {
        @Override
        ServiceModel model() {
            return new PlacesService(2, new Demand.Exponential(0.02));
        }
    }

    @Nested
    class WithRecordedDemand extends ServiceModelContract {
        @Override
        ServiceModel model() {
            return new PlacesService(1, Demand.Empirical.of(List.of(1_000_000L, 9_000_000L)));
        }
    }
}
