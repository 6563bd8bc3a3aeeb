package io.blockplane.windows;

import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent.InstanceReported;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the instances of a block said of themselves last. Kept for as long as the longest window, so
 * that an instance whose reports stop is not believed for ever.
 */
final class Reports {

    /**
     * Characters of all reports that one window may hold; instances after that, by id, are without.
     * Keeps the record of a window under the size that the log takes.
     */
    static final int MAX_CHARS_OF_A_WINDOW = 4 * 1024 * 1024;

    private static final String ENTRY = "r/";

    private final TreeMap<String, Report> last = new TreeMap<>();

    /** Changed or gone since changes were written. */
    private final TreeSet<String> touched = new TreeSet<>();

    private record Report(long second, Json document) {}

    /** Takes a report; false when there are too many instances. */
    boolean add(InstanceReported event, long second) {
        Report known = last.get(event.instanceId());
        if (known == null && last.size() >= EventLimits.MAX_INSTANCES) {
            return false;
        }
        if (known == null || known.second() <= second) {
            last.put(event.instanceId(), new Report(second, event.document()));
            touched.add(event.instanceId());
        }
        return true;
    }

    /** What an instance said; null when nothing, or too long ago. */
    @Nullable Json of(String instanceId) {
        Report report = last.get(instanceId);
        return report == null ? null : report.document();
    }

    /** Time has passed. */
    void expire(long openSecond) {
        last.entrySet()
                .removeIf(entry -> {
                    boolean old = entry.getValue().second() <= openSecond - Series.SECONDS;
                    if (old) {
                        touched.add(entry.getKey());
                    }
                    return old;
                });
    }

    /** All of it, for a snapshot. */
    void writeAll(StateWriter writer) {
        last.forEach((id, report) -> writer.text(ENTRY + id).block(bytes(report)));
    }

    void writeChanges(StateSink sink) {
        for (String id : touched) {
            Report report = last.get(id);
            if (report == null) {
                sink.delete(ENTRY + id);
            } else {
                sink.put(ENTRY + id, bytes(report));
            }
        }
        touched.clear();
    }

    /** Takes the entries that are of reports. */
    void load(Map<String, byte[]> entries) {
        entries.forEach((name, bytes) -> {
            if (name.startsWith(ENTRY)) {
                StateReader reader = new StateReader(bytes);
                last.put(
                        name.substring(ENTRY.length()),
                        new Report(reader.number(), new Json(reader.text())));
            }
        });
    }

    private static byte[] bytes(Report report) {
        return new StateWriter().number(report.second()).text(report.document().text()).toBytes();
    }
}
