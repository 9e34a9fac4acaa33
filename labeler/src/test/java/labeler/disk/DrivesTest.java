package labeler.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.json.Json;
import labeler.json.JsonReader;
import org.junit.jupiter.api.Test;

class DrivesTest {
    private static Json json(String text) {
        return ((JsonReader.Value) new JsonReader().read(text.replace('\'', '"'))).json();
    }

    private static final String BLOCK = """
            [{'device': 'd0', 'qdev': '/machine/peripheral/v0/virtio-backend', 'inserted': {'node-name': 'top',
              'image': {'filename': '/t', 'format': 'qcow2', 'backing-image': {'filename': '/b', 'format': 'raw'}}}},
             {'device': '', 'qdev': 'cd0'}, 7]""";

    @Test
    void a_node_is_known_where_only_one_is_on_the_file() {
        String one =
                "[{'node-name': 'b', 'drv': 'raw', 'file': '/b'}, {'node-name': 'f', 'drv': 'file', 'file': '/b'}]";
        Drive drive = Drives.read(json(BLOCK), json(one)).find("v0").orElseThrow();
        assertThat(drive.chain())
                .containsExactly(
                        new Layer("/t", "qcow2", Optional.of("top")), new Layer("/b", "raw", Optional.of("b")));

        String two = "[{'node-name': 'b', 'drv': 'raw', 'file': '/b'}, {'node-name': 'c', 'drv': 'raw', 'file': '/b'}]";
        assertThat(Drives.read(json(BLOCK), json(two))
                        .find("d0")
                        .orElseThrow()
                        .chain()
                        .getLast()
                        .node())
                .isEmpty();
    }

    @Test
    void an_image_whose_node_is_not_known_is_named_by_its_file() {
        Drive drive = Drives.read(json(BLOCK), json("[]")).find("top").orElseThrow();

        Instruction.Result result =
                new Commit(Optional.empty(), Optional.empty(), 7).instruction(drive, new Names("x"));

        assertThat(result)
                .isInstanceOfSatisfying(
                        Instruction.Possible.class,
                        possible -> assertThat(possible.instruction().arguments())
                                .isEqualTo(json(
                                        "{'job-id': 'disk-commit-x', 'device': 'top', 'speed': 7, 'base': '/b'}")));
    }

    @Test
    void answers_that_are_none_are_no_drives() {
        for (String answer : new String[] {"{}", "[]", "7", "[{'inserted': 7}]", "[{'inserted': {'image': []}}]"}) {
            Drives drives = Drives.read(json(answer), json(answer));
            assertThat(drives.find("v0")).as(answer).isEmpty();
        }
    }
}
