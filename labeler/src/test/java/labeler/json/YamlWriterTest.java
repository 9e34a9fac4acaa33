package labeler.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import labeler.described.YamlText;
import org.junit.jupiter.api.Test;

class YamlWriterTest {
    private static String yaml(String json) {
        return new JsonReader().read(json) instanceof JsonReader.Value(Json value) ? YamlWriter.text(value) : "no JSON";
    }

    @Test
    void objects_and_lists_are_blocks_and_empty_ones_are_not() {
        assertThat(yaml("""
            {"vms":[{"vm":"web1","pid":null,"files":[],"walls":["selinux","landlock"]},{"vm":"db1"}],"none":{},"k":{"a":1.5}}
            """)).isEqualTo("""
                vms:
                  - vm: web1
                    pid: null
                    files: []
                    walls:
                      - selinux
                      - landlock
                  - vm: db1
                none: {}
                k:
                  a: 1.5\
                """);
    }

    @Test
    void text_that_yaml_would_take_for_something_else_is_quoted() {
        assertThat(yaml("[\"no\",\"1\",\"\",\"a: b\",\"- x\",\"s0:c1,c2\",\"/vm/a.qcow2\",\"a\\n"
                        + "b\",\"#x\",\"1e3\",\"~\"]"))
                .isEqualTo("""
                    - "no"
                    - "1"
                    - ""
                    - "a: b"
                    - "- x"
                    - s0:c1,c2
                    - /vm/a.qcow2
                    - "a\\nb"
                    - "#x"
                    - "1e3"
                    - "~\"\
                    """);
    }

    @Test
    void what_is_written_is_read_as_the_same_by_another_program() {
        Json value = Json.object()
                .put(
                        "texts",
                        Stream.of(
                                        "no",
                                        "y",
                                        "~",
                                        "1e3",
                                        "0x1f",
                                        "0b1",
                                        "1:30",
                                        "s0:c1,c2",
                                        "2026-12-01",
                                        ".5",
                                        "",
                                        " a ",
                                        "a: b",
                                        "a #b",
                                        "- x",
                                        "? x",
                                        "!x",
                                        "&x",
                                        "*x",
                                        "%x",
                                        "@x",
                                        "`x",
                                        "{",
                                        "[",
                                        "a\nb",
                                        "a\tb",
                                        "\u0000\u0085\u2028\ufeff",
                                        "\\",
                                        "\"",
                                        "'",
                                        "=",
                                        "<<",
                                        "/vm/a\u00e4.qcow2",
                                        "nan:inf",
                                        "12:30:45")
                                .map(Json::of)
                                .toList())
                .put(
                        "on",
                        Json.object()
                                .put("empty", List.of())
                                .put("none", Json.object().build())
                                .build())
                .put("deep", List.of(Json.array(List.of(Json.array(List.of(Json.of(1), Json.nothing()))))))
                .put("number", Long.MAX_VALUE)
                .put("truth", true)
                .build();

        assertThat(YamlText.read(YamlWriter.text(value))).isEqualTo(value);
    }
}
