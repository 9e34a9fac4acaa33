package labeler.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;
import org.junit.jupiter.api.Test;

class JsonBytesTest {
    private static final byte[] TEXT = "größe".getBytes(StandardCharsets.UTF_8);
    private static final byte[] NO_TEXT = {'/', (byte) 0xff};

    @Test
    void bytes_come_back_as_they_were() {
        for (byte[] bytes : List.of(TEXT, NO_TEXT, new byte[0])) {
            ObjectBuilder object = Json.object();
            JsonBytes.put(object, "name", bytes);
            assertThat(JsonBytes.of(object.build(), "name")).hasValue(bytes);
        }
    }

    @Test
    void a_printable_form_beside_base64_does_not_count() {
        ObjectBuilder object = Json.object();
        JsonBytes.put(object, "name", NO_TEXT, "/\\xff");
        JsonObject built = object.build();
        assertThat(built.text("name")).hasValue("/\\xff");
        assertThat(JsonBytes.of(built, "name")).hasValue(NO_TEXT);
    }

    @Test
    void a_list_is_text_or_base64_as_a_whole() {
        ObjectBuilder texts = Json.object();
        JsonBytes.putAll(texts, "argv", List.of(TEXT, TEXT));
        assertThat(texts.build().members()).containsOnlyKeys("argv");

        ObjectBuilder mixed = Json.object();
        JsonBytes.putAll(mixed, "argv", List.of(TEXT, NO_TEXT));
        assertThat(mixed.build().members()).containsOnlyKeys("argvBase64");
        assertThat(JsonBytes.allOf(mixed.build(), "argv")).containsExactly(TEXT, NO_TEXT);
    }

    @Test
    void no_text_that_is_sent_makes_reading_throw() {
        JsonObject hostile = Json.object()
                .put("nameBase64", "no base64!")
                .put("argvBase64", List.of(Json.of("=="), Json.of(7L)))
                .build();
        assertThat(JsonBytes.of(hostile, "name")).isEmpty();
        assertThat(JsonBytes.allOf(hostile, "argv")).isEmpty();
    }
}
