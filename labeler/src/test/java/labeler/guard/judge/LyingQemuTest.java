package labeler.guard.judge;

import static labeler.waiting.Eventually.await;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import labeler.guard.QmpClient;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;
import labeler.vm.VmName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest that has taken its qemu over can have it say anything: no file gets a label by it, and others are served. */
@Timeout(120)
class LyingQemuTest {
    /** More than garbage that has not been collected, and less than what a flood would leave. */
    private static final long MOST_GROWTH = 48L << 20;

    private final Path root;
    private final LyingBed bed;
    private final LyingQemu liar;
    private Map<String, String> labels;

    LyingQemuTest(@TempDir Path root) throws IOException {
        this.root = root;
        bed = new LyingBed(root);
        liar = bed.liar();
        labels = bed.labels();
        assertThat(labels.get("top")).isEqualTo(bed.image());
    }

    @AfterEach
    void othersAreServedAndNoLabelHasChanged() throws IOException {
        bed.assertOtherIsServed();
        assertThat(bed.labels()).isEqualTo(labels);
        bed.close();
    }

    private QmpClient begun() throws IOException {
        liar.begin();
        return bed.client();
    }

    private static String command(String name, String arguments) {
        return RuleCase.command(name, arguments);
    }

    private static String error(JsonObject answer) {
        return answer.get("error").map(Object::toString).orElse("no error: " + answer);
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** It has two hundred kilobytes, and libvirt waits for each start. */
    @Test
    void a_qemu_is_asked_for_its_schema_when_a_command_needs_it_and_once() throws IOException {
        try (QmpClient client = begun()) {
            client.ask(command("query-version", ""));
            client.ask(command("cont", ""));
            assertThat(liar.asked()).contains("query-version", "cont").doesNotContain("query-qmp-schema");

            client.ask(command("blockdev-del", "'node-name':'free'"));
            client.ask(command("blockdev-del", "'node-name':'free'"));
            assertThat(liar.asked()).containsOnlyOnce("query-qmp-schema");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blockdev-del", "query-name"})
    void an_answer_that_never_comes_holds_up_its_own_client_alone(String name) throws IOException {
        CountDownLatch asked = new CountDownLatch(1);
        liar.replies(name, _ -> asked.countDown());
        try (QmpClient client = begun()) {
            client.write(command(name, name.equals("query-name") ? "" : "'node-name':'free'"));
            await(asked);
            try (QmpClient another = bed.client()) {
                assertThat(another.ask(command("query-version", "")).get("return"))
                        .isPresent();
            }
        }
        assertThat(bed.isEnded()).isFalse();
    }

    /** It is there to free the command that hangs. */
    @Test
    void a_migration_is_recovered_while_a_command_hangs() throws IOException {
        CountDownLatch asked = new CountDownLatch(1);
        liar.replies("blockdev-del", _ -> asked.countDown());
        try (QmpClient client = begun();
                QmpClient another = bed.client()) {
            client.write(command("blockdev-del", "'node-name':'free'"));
            await(asked);
            for (String address : new String[] {"tcp:127.0.0.1:0", "unix:" + root.resolve("run/liar/socket")}) {
                String recover = "'migrate-recover','arguments':{'uri':'" + address + "'}}";
                assertThat(another.ask("{'exec-oob':" + recover).get("return"))
                        .as(address)
                        .isPresent();
                assertThat(another.ask("{'execute':" + recover).get("return"))
                        .as(address)
                        .isPresent();
            }
            assertThat(error(another.ask("{'exec-oob':'migrate-recover','arguments':{'uri':'unix:/run/elsewhere'}}")))
                    .contains("labeler N5");
        }
    }

    @Test
    void a_late_answer_comes_to_its_client() throws IOException {
        CountDownLatch late = new CountDownLatch(1);
        liar.replies("blockdev-del", id -> {
            await(late);
            liar.answer(id, "{}");
        });
        try (QmpClient client = begun()) {
            client.write("{'execute':'blockdev-del','arguments':{'node-name':'x'},'id':7}");
            bed.assertOtherIsServed();
            late.countDown();
            assertThat(client.message().number("id")).contains(7L);
        }
    }

    @Test
    void an_answer_that_comes_twice_ends_the_connection() throws IOException {
        liar.replies("query-name", id -> {
            liar.answer(id, "{}");
            liar.answer(id, "{}");
        });
        try (QmpClient client = begun()) {
            client.write(command("query-name", ""));
            assertThat(bed.end()).contains("answers what it was not asked");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"return\": {}, \"id\": \"x\"}",
                "{\"return\": {}}",
                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}",
                "{}",
                "{\"QMP\": {}}",
                "[]",
                "no JSON at all",
                "{\"return\": {}, \"return\": {}}",
                "\u0000\u0001\u0002",
                "{\"event\": "
            })
    void what_answers_nothing_ends_the_connection(String line) throws IOException {
        liar.replies("query-name", _ -> liar.say(line));
        try (QmpClient client = begun()) {
            client.write(command("query-name", ""));
            assertThat(bed.end()).contains("qemu ");
        }
    }

    @Test
    void half_a_line_and_the_end_is_an_end() throws IOException {
        liar.replies("query-name", id -> {
            liar.raw("{\"return\": {\"name\": \"half");
            liar.hangUp();
        });
        try (QmpClient client = begun()) {
            client.write(command("query-name", ""));
            assertThat(bed.end()).contains("closed");
        }
    }

    @Test
    void a_line_without_an_end_is_cut_off() throws IOException {
        long before = used();
        liar.replies("query-name", _ -> {
            for (int i = 0; i < 260; i++) {
                liar.raw("x".repeat(1 << 20));
            }
        });
        try (QmpClient client = begun()) {
            client.write(command("query-name", ""));
            assertThat(bed.end()).contains("bytes in a line");
            assertThat(used() - before).isLessThan(MOST_GROWTH);
        }
    }

    /** A service has some 140 MiB for all. It is no answer, also where a text in it looks like the end of one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[%{\"a\": 1}, ",
                "[\", \\\"id\\\": \\\"x\\\"}\", %[1, 2, 3, 4], ",
                "[%\"some forty characters that make it longer.\", "
            })
    void an_answer_that_is_too_large_is_that_of_its_client_alone(String form) throws IOException {
        String large = form.substring(0, form.indexOf('%'))
                + form.substring(form.indexOf('%') + 1).repeat(150_000) + "0]";
        liar.replies("query-jobs", id -> liar.answer(id, large));
        liar.replies("query-chardev", id -> liar.answer(id, large));
        try (QmpClient client = begun();
                QmpClient another = bed.client()) {
            assertThat(error(client.ask(command("query-chardev", "")))).contains("labeler S15", "larger");
            assertThat(another.ask(command("query-version", "")).get("return")).isPresent();
            assertThat(error(client.ask(command("blockdev-add", "'driver':'file','node-name':'n','filename':'/x'"))))
                    .contains("labeler S15");
            assertThat(client.ask(command("query-version", "")).get("return")).isPresent();
        }
        assertThat(bed.isEnded()).isFalse();
    }

    @Test
    void events_for_what_never_was_change_nothing() throws IOException {
        try (QmpClient client = begun()) {
            for (String status : new String[] {"created", "running", "ready", "pending", "concluded", "null"}) {
                liar.event("JOB_STATUS_CHANGE", "{\"id\": \"ghost\", \"status\": \"" + status + "\"}");
            }
            liar.event(
                    "BLOCK_JOB_COMPLETED", "{\"device\": \"ghost\", \"type\": \"commit\", \"len\": 1, \"offset\": 1}");
            liar.event("BLOCK_JOB_CANCELLED", "{}");
            liar.event("DEVICE_DELETED", "{\"device\": \"vd0\", \"path\": \"/machine/peripheral/vd0\"}");
            liar.event("MIGRATION", "{\"status\": \"completed\"}");
            liar.event("JOB_STATUS_CHANGE", "[]");
            liar.event("DEVICE_DELETED", "{\"device\": 7}");
            // An answer that waits for its effects comes after what the events before it did.
            assertThat(client.ask(command("blockdev-del", "'node-name':'x'")).get("return"))
                    .isPresent();
        }
        assertThat(bed.host().holds("liar")).hasSize(2);
    }

    /** As qemu tells of a guest that refuses to give back a memory module. */
    @Test
    void a_device_that_its_guest_does_not_let_go_of_keeps_its_files() throws IOException, InterruptedException {
        liar.returns("device-list-properties", "[{\"name\": \"romfile\", \"type\": \"str\"}]");
        try (QmpClient client = begun()) {
            String rom = "'driver':'e1000','id':'n','romfile':'" + bed.path("free") + "'";
            assertThat(client.ask(command("device_add", rom)).get("return")).isPresent();
            String held = bed.host().label("free");
            assertThat(held).isNotEqualTo(labels.get("free"));

            client.ask(command("device_del", "'id':'n'"));
            liar.event("DEVICE_UNPLUG_GUEST_ERROR", "{\"device\": \"n\", \"path\": \"/machine/peripheral/n\"}");
            liar.event("MEM_UNPLUG_ERROR", "{\"device\": \"n\", \"msg\": \"no\"}");
            client.event("MEM_UNPLUG_ERROR");
            Thread.sleep(SettlingFiles.TIME.plusMillis(300));
            client.ask(command("blockdev-del", "'node-name':'x'"));
            assertThat(bed.host().label("free")).isEqualTo(held);
            assertThat(bed.labels()).containsEntry("top", labels.get("top")).containsEntry("base", labels.get("base"));

            client.ask(command("device_del", "'id':'n'"));
            liar.event("DEVICE_DELETED", "{\"device\": \"n\", \"path\": \"/machine/peripheral/n\"}");
            // The look that ends it comes by itself.
            eventually(() -> bed.host().label("free").equals(labels.get("free")));
        }
    }

    /** The command that asks for the next look, and a command that needs a file. */
    private String afterALook(QmpClient client, String wanting) throws IOException {
        client.ask(command("blockdev-del", "'node-name':'x'"));
        return error(client.ask(wanting));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/shadow", "theirs", "free"})
    void a_file_that_only_the_graph_names_gets_no_label(String file) throws IOException {
        try (QmpClient client = begun()) {
            Map<String, Path> graph = new LinkedHashMap<>();
            graph.put("top-file", bed.path("top"));
            graph.put("base-file", bed.path("base"));
            graph.put("copy-file", bed.path("").resolve(file));
            client.ask(command("blockdev-del", "'node-name':'x'"));
            bed.graph(graph);
            String copy = command("blockdev-mirror", "'job-id':'j','device':'top','target':'copy','sync':'full'");
            assertThat(afterALook(client, copy)).contains("labeler S15");
            for (String command : new String[] {
                command("blockdev-backup", "'job-id':'j','device':'top','target':'copy','sync':'full'"),
                command("blockdev-reopen", "'options':[{'driver':'qcow2','node-name':'copy','file':'copy-file'}]"),
                command("device_add", "'driver':'scsi-hd','id':'d','drive':'copy'"),
                command("nbd-server-add", "'device':'copy','writable':true"),
                command("block-export-add", "'type':'nbd','id':'e','node-name':'copy','writable':true"),
                command("blockdev-add", "'driver':'qcow2','node-name':'n','file':'copy-file'"),
                command("change-backing-file", "'device':'copy','image-node-name':'copy','backing-file':''"),
                command("block-stream", "'job-id':'j','device':'copy'")
            }) {
                client.ask(command);
                assertThat(bed.labels()).as(command).isEqualTo(labels);
            }
            assertThat(bed.drift()).isNotEmpty();
        }
    }

    /** What the VM may only read is not written because a node says that it stands there. */
    @Test
    void a_node_that_moves_to_another_file_of_its_vm_is_not_believed() throws IOException {
        try (QmpClient client = begun()) {
            client.ask(command("blockdev-del", "'node-name':'x'"));
            bed.graph(Map.of("top-file", bed.path("base"), "base-file", bed.path("base")));
            String reopen =
                    command("blockdev-reopen", "'options':[{'driver':'qcow2','node-name':'top','file':'top-file'}]");
            afterALook(client, reopen);
            client.ask(reopen);
            assertThat(bed.host().label("base")).isEqualTo(FollowedHost.CONTENT);
            assertThat(bed.drift()).isNotEmpty();
            bed.graph(Map.of("top-file", bed.path("top"), "base-file", bed.path("base")));
            client.ask(command("blockdev-del", "'node-name':'x'"));
        }
        labels = bed.labels();
    }

    @Test
    void a_graph_that_is_a_circle_is_no_graph() throws IOException {
        liar.returns(
                "query-named-block-nodes",
                "[{\"node-name\": \"a\", \"drv\": \"throttle\", \"ro\": false, \"file\": \"\"},"
                        + "{\"node-name\": \"b\", \"drv\": \"throttle\", \"ro\": false, \"file\": \"\"}]");
        liar.returns(
                "x-debug-query-block-graph",
                "{\"nodes\": [{\"id\": 1, \"name\": \"a\"}, {\"id\": 2, \"name\": \"b\"}], \"edges\": ["
                        + "{\"parent\": 1, \"child\": 2, \"name\": \"file\", \"perm\": []},"
                        + "{\"parent\": 2, \"child\": 1, \"name\": \"file\", \"perm\": []}]}");
        try (QmpClient client = begun()) {
            for (String command : new String[] {
                command("blockdev-mirror", "'job-id':'j','device':'a','target':'b','sync':'full'"),
                command("blockdev-snapshot", "'node':'a','overlay':'b'"),
                command("block-commit", "'job-id':'j','device':'a'"),
                command("blockdev-add", "'driver':'qcow2','node-name':'n','file':'a'"),
                command("device_add", "'driver':'scsi-hd','id':'d','drive':'a'"),
                command("query-version", "")
            }) {
                assertThat(client.ask(command)).as(command).isNotNull();
            }
        }
    }

    /** The journal has the hold of a command without an answer, with what names the file: this qemu's node. */
    @Test
    void a_node_name_that_no_reader_takes_keeps_no_service_from_its_journal() throws IOException {
        String set = "\"/dev/fdset/" + LyingBed.TOPS_SET + "\"";
        liar.returns(
                "query-named-block-nodes",
                "[{\"node-name\": \"x\\u0000\", \"drv\": \"file\", \"ro\": false, \"file\": " + set + "},"
                        + "{\"node-name\": \"top\", \"drv\": \"raw\", \"ro\": false, \"file\": " + set + "}]");
        liar.returns(
                "x-debug-query-block-graph",
                "{\"nodes\": [{\"id\": 1, \"name\": \"x\\u0000\"}, {\"id\": 2, \"name\": \"top\"}], \"edges\": ["
                        + "{\"parent\": 2, \"child\": 1, \"name\": \"file\", \"perm\": [\"write\"]}]}");
        liar.returns("add-fd", "{\"fdset-id\": 5, \"fd\": 9}");
        liar.returns("query-fdsets", "[{\"fdset-id\": 5, \"fds\": [{\"fd\": 8, \"opaque\": \"launch\"}]}]");
        CountDownLatch asked = new CountDownLatch(1);
        liar.replies("blockdev-reopen", _ -> asked.countDown());
        try (QmpClient client = begun()) {
            client.write(
                    command("blockdev-reopen", "'options':[{'driver':'raw','node-name':'top','file':'top-file'}]"));
            await(asked);

            assertThat(bed.host().files().commands(new VmName("liar"))).isNotEmpty();
            assertThat(bed.host().journal().load().vms()).hasSize(2);
        }
    }

    @Test
    void a_qemu_that_denies_what_it_can_do_gets_no_file() throws IOException {
        liar.returns("query-qmp-schema", "[]");
        try (QmpClient client = begun()) {
            client.ask(
                    command("blockdev-add", "'driver':'file','node-name':'n','filename':'" + bed.path("free") + "'"));
            client.ask(command("drive-mirror", "'device':'top','target':'" + bed.path("free") + "'"));
        }
        assertThat(bed.said("drive-mirror")).contains("qemu says that it has no such command");
    }
}
