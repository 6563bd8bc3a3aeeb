package io.blockplane.replay.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** uPlot, as its Maven artifact brings it: script, style sheet and the licence that goes along. */
record ChartLibrary(String version, String script, String style, String licence) {

    private static final String POM = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

    static ChartLibrary load() {
        Properties pom = new Properties();
        try {
            pom.load(new StringReader(resource(POM)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String version = pom.getProperty("version");
        String folder = "/META-INF/resources/webjars/uplot/" + version;
        return new ChartLibrary(
                version,
                resource(folder + "/dist/uPlot.iife.min.js"),
                resource(folder + "/dist/uPlot.min.css"),
                resource(folder + "/LICENSE"));
    }

    /** A text on the class path. */
    static String resource(String name) {
        try (InputStream in = ChartLibrary.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
