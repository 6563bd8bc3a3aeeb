package io.blockplane.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NewsTest {

    @Test
    void oneThatFailsKeepsNothingFromTheOthersNorFromThoseAfterThem() {
        News news = new News();
        List<String> told = new ArrayList<>();
        news.add(() -> {
            throw new IllegalStateException("as the test wants it");
        });
        news.add(() -> told.add("next"));
        news.tell();
        news.add(() -> told.add("later"));
        news.tell();
        assertThat(told).containsExactly("next", "later");
    }
}
