package labeler.json;

import static org.assertj.core.api.Assertions.assertThat;

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
                  a: 1.5""");
    }

    @Test
    void text_that_yaml_would_take_for_something_else_is_quoted() {
        assertThat(
                        yaml(
                                "[\"no\",\"1\",\"\",\"a: b\",\"- x\",\"s0:c1,c2\",\"/vm/a.qcow2\",\"a\\nb\",\"#x\",\"1e3\",\"~\"]"))
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
                - "~\"""");
    }
}
