package io.blockplane.replay.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HtmlTest {

    @Test
    void noTextEndsItsElementOrItsAttribute() {
        String page =
                new Html().element("p", "<b> & \"", "title", "' \" onclick=\"x\" > \0").text();
        assertThat(page)
                .isEqualTo(
                        "<p title=\"&#39; &quot; onclick=&quot;x&quot; &gt; \uFFFD\">"
                                + "&lt;b&gt; &amp; &quot;</p>");
    }
}
