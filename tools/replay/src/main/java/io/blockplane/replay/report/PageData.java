package io.blockplane.replay.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.blockplane.events.EventJson;
import io.blockplane.simulator.result.BacktestResult;
import java.util.ArrayList;
import java.util.List;

/** What the page's scripts draw: the results as they are, and each policy's look. */
final class PageData {

    private static final ObjectMapper MAPPER =
            EventJson.MAPPER.copy().setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);

    record Entry(String fileName, BacktestResult result, List<Palette.Look> looks) {}

    private PageData() {}

    /** As it may stand in a script element: no text in it can end the element. */
    static String json(List<Report.Input> inputs, Palette palette) {
        List<Entry> entries = new ArrayList<>();
        for (Report.Input input : inputs) {
            List<Palette.Look> looks = input.result().runs().stream().map(palette::of).toList();
            entries.add(new Entry(input.fileName(), input.result(), looks));
        }
        try {
            return MAPPER.writeValueAsString(entries)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records can always be written", e);
        }
    }
}
