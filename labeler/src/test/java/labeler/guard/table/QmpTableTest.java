package labeler.guard.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import labeler.guard.table.QmpTable.Known;
import labeler.guard.table.QmpTable.NotKnown;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The table beside the qemu that is installed here. */
class QmpTableTest {
    private static QmpTable table;

    @BeforeAll
    static void ask() throws IOException {
        table = new QmpTable(QemuSchema.ask(), CommandTable.shipped());
    }

    private static JsonObject json(String text) {
        return (JsonObject) ((JsonReader.Value) new JsonReader().read(text)).json();
    }

    private static QmpTable.Reading read(String command, String arguments) {
        return table.read(command, json(arguments));
    }

    @Test
    void it_knows_every_command_and_every_text_of_this_qemu() {
        assertThat(table.unknown()).isEmpty();
    }

    @Test
    void a_command_that_is_missing_and_a_text_that_is_missing_are_told() throws IOException {
        QmpTable poor = new QmpTable(QemuSchema.ask(), CommandTable.parse("""
                use blockdev-add screendump
                  write .filename
                type NODE
                  read-write {file}.filename
                """));

        assertThat(poor.unknown()).contains("query-name", "screendump .device", "NODE {nvme}.device");
        assertThat(poor.unknown()).doesNotContain("blockdev-add", "screendump .filename", "NODE {file}.filename");
    }

    @Test
    void it_knows_every_text_of_every_device_of_this_qemu() throws IOException {
        assertThat(QemuSchema.devices())
                .hasSizeGreaterThan(100)
                .allSatisfy((_, properties) ->
                        assertThat(table.unknownProperties(properties)).isEmpty());
    }

    @Test
    void a_list_among_the_properties_of_a_device_is_read_as_well() {
        Map<String, String> types = Map.of("ebpf-rss-fds", "list", "new", "list");
        assertThat(table.readDevice(json("{\"driver\":\"d\",\"ebpf-rss-fds\":[\"a\",\"b\"]}"), types))
                .isInstanceOfSatisfying(
                        Known.class,
                        known -> assertThat(known.mentions())
                                .filteredOn(mention -> mention.role() == TextRole.DESCRIPTOR)
                                .extracting(Mention::text)
                                .containsExactly("a", "b"));
        assertThat(table.readDevice(json("{\"driver\":\"d\",\"new\":[\"/x\"]}"), types))
                .isInstanceOf(NotKnown.class);
        assertThat(table.unknownProperties(types)).containsExactly("new");
    }

    @Test
    void files_are_found_wherever_they_stand() {
        assertThat(read("blockdev-add", """
                        {"driver":"qcow2","node-name":"a","file":{"driver":"file","filename":"/x"},
                         "backing":{"driver":"raw","file":{"driver":"host_device","filename":"/dev/y"}}}"""))
                .isInstanceOfSatisfying(
                        Known.class,
                        known -> assertThat(known.mentions())
                                .filteredOn(mention -> mention.role() == TextRole.READ_WRITE)
                                .extracting(Mention::text)
                                .containsExactlyInAnyOrder("/x", "/dev/y"));
        assertThat(read("transaction", """
                        {"actions":[{"type":"blockdev-snapshot-sync",
                                     "data":{"device":"d","snapshot-file":"/s","format":"qcow2"}},
                                    {"type":"drive-backup","data":{"device":"d","target":"/t","sync":"full"}}]}"""))
                .isInstanceOfSatisfying(
                        Known.class,
                        known -> assertThat(known.mentions())
                                .filteredOn(mention -> mention.role() == TextRole.LEGACY)
                                .extracting(Mention::text)
                                .containsExactlyInAnyOrder("/s", "/t"));
        assertThat(read("chardev-add", """
                        {"id":"c","backend":{"type":"socket","data":{"logfile":"/l",
                         "addr":{"type":"unix","data":{"path":"/s"}}}}}"""))
                .isInstanceOfSatisfying(
                        Known.class,
                        known -> assertThat(known.mentions())
                                .extracting(Mention::role)
                                .contains(TextRole.WRITE, TextRole.SOCKET));
        assertThat(read("blockdev-create", """
                        {"job-id":"j","options":{"driver":"qcow2","file":"n","size":1,"backing-file":"/b"}}"""))
                .isInstanceOfSatisfying(
                        Known.class,
                        known -> assertThat(known.mentions())
                                .extracting(Mention::role)
                                .containsExactlyInAnyOrder(TextRole.REFERENCE, TextRole.REFERENCE, TextRole.HEADER));
    }

    @Test
    void what_is_not_known_is_denied() {
        assertThat(table.classOf("new-command")).isEqualTo(CommandClass.DENY);
        assertThat(read("new-command", "{}")).isInstanceOf(NotKnown.class);
        assertThat(read("screendump", "{\"filename\":\"/x\",\"to\":\"/y\"}"))
                .isEqualTo(new NotKnown("screendump .to is unknown"));
        assertThat(read("blockdev-add", "{\"driver\":\"new\",\"filename\":\"/x\"}"))
                .isEqualTo(new NotKnown("NODE .filename is unknown"));
        assertThat(read("blockdev-add", "{\"filename\":\"/x\"}")).isEqualTo(new NotKnown("NODE .driver is missing"));
        assertThat(read("screendump", "{\"filename\":{\"a\":1}}"))
                .isEqualTo(new NotKnown("screendump .filename must be a string"));
        assertThat(read("blockdev-add", "{\"driver\":\"raw\",\"file\":[]}"))
                .isEqualTo(new NotKnown("NODE {raw}.file is of none of its types"));
    }

    @Test
    void commands_have_their_class() {
        assertThat(table.classOf("query-block")).isEqualTo(CommandClass.PASS);
        assertThat(table.classOf("blockdev-del")).isEqualTo(CommandClass.GRAPH);
        assertThat(table.classOf("block-commit")).isEqualTo(CommandClass.USE);
        assertThat(table.classOf("human-monitor-command")).isEqualTo(CommandClass.DENY);
        assertThat(table.isOfThisQemu("query-block")).isTrue();
        assertThat(table.isOfThisQemu("new-command")).isFalse();
    }

    @Test
    void a_schema_that_is_none_makes_everything_unknown() {
        QmpTable nothing = new QmpTable(Schema.of(Json.of("x")), new QmpTableTest().roles());

        assertThat(nothing.read("query-block", Json.object().build())).isInstanceOf(NotKnown.class);
    }

    private CommandTable roles() {
        try {
            return CommandTable.shipped();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_table_with_a_mistake_is_told_at_once() {
        for (String wrong : List.of("pass a\n  nonsense .b", "nonsense a", "pass a\npass a")) {
            assertThatThrownBy(() -> CommandTable.parse(wrong)).as(wrong).isInstanceOf(IOException.class);
        }
    }
}
