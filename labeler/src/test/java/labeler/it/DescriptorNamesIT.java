package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client finds its files by the names that it has given, although qemu has descriptors. */
@Timeout(600)
class DescriptorNamesIT {
    private final Path temporary;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    DescriptorNamesIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        service = ServiceFixture.started(temporary);
    }

    private static String text(JsonObject object, String key) {
        return object.text(key).orElse("");
    }

    private static JsonObject image(JsonObject inserted, String key) {
        return (JsonObject) inserted.get(key).orElse(Json.nothing());
    }

    @Test
    void answers_have_the_names_of_files() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            assertNamed(vm);
        }
    }

    @Test
    void answers_have_the_names_that_headers_have() throws IOException {
        try (GuardedChain vm = GuardedChain.byHeaders(temporary, service)) {
            assertNamed(vm);
        }
    }

    /** As qemu itself answers without descriptors. */
    private static void assertNamed(GuardedChain vm) throws IOException {
        JsonObject inserted = vm.inserted();
        assertThat(text(inserted, "file")).isEqualTo(vm.path("top").toString());
        assertThat(text(inserted, "backing_file")).isEqualTo(vm.path("middle").toString());
        JsonObject image = image(inserted, "image");
        for (String name : List.of("top", "middle", "base")) {
            assertThat(text(image, "filename")).isEqualTo(vm.path(name).toString());
            String below = name.equals("top") ? "middle" : "base";
            if (!name.equals("base")) {
                assertThat(text(image, "full-backing-filename"))
                        .isEqualTo(vm.path(below).toString());
                image = image(image, "backing-image");
            }
        }
        for (String arguments : List.of("", ",'arguments':{'flat':true}")) {
            Json nodes = vm.done("{'execute':'query-named-block-nodes'" + arguments + "}");
            assertThat(JsonWriter.compact(nodes)).doesNotContain("fdset").doesNotContain("json:");
            assertThat(GuardedChain.objects(nodes).stream().map(node -> text(node, "file")))
                    .contains(
                            vm.path("top").toString(),
                            vm.path("middle").toString(),
                            vm.path("base").toString());
        }
        assertThat(JsonWriter.compact(vm.done("{'execute':'query-blockstats'}")))
                .doesNotContain("fdset");
        assertThat(JsonWriter.compact(vm.done("{'execute':'query-fdsets'}"))).isEqualTo("[]");
        assertThat(JsonWriter.compact(
                        vm.done("{'execute':'human-monitor-command','arguments':{'command-line':'info block'}}")))
                .contains(vm.path("top").toString())
                .doesNotContain("fdset");
    }

    @Test
    void a_job_takes_the_names_that_answers_have() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            vm.done("{'execute':'block-commit','arguments':{'job-id':'c','device':'top','top':'" + vm.path("middle")
                    + "','base':'" + vm.path("base") + "'}}");
            vm.untilJob("c", "");
            assertThat(text(vm.inserted(), "backing_file"))
                    .isEqualTo(vm.path("base").toString());
            vm.whole("top");

            vm.done("{'execute':'block-stream','arguments':{'job-id':'s','device':'top'}}");
            vm.untilJob("s", "");
            assertThat(vm.inserted().get("backing_file")).isEmpty();
        }
    }

    @Test
    void a_stream_stops_above_a_file() throws IOException {
        try (GuardedChain vm = GuardedChain.byHeaders(temporary, service)) {
            vm.done("{'execute':'block-stream','arguments':{'job-id':'s','device':'top','base':'" + vm.path("base")
                    + "'}}");
            vm.untilJob("s", "");

            assertThat(text(vm.inserted(), "file")).isEqualTo(vm.path("top").toString());
            assertThat(vm.header("top")).contains(vm.path("base").toString()).doesNotContain("fdset");
            vm.whole("top");
        }
    }

    @Test
    void a_stream_that_is_told_its_lowest_image_leaves_a_true_name() throws IOException {
        try (GuardedChain vm = GuardedChain.byHeaders(temporary, service)) {
            String middle =
                    GuardedChain.objects(vm.done("{'execute':'query-named-block-nodes','arguments':{'flat':true}}"))
                            .stream()
                            .filter(node ->
                                    text(node, "file").equals(vm.path("middle").toString())
                                            && text(node, "drv").equals("qcow2"))
                            .map(node -> text(node, "node-name"))
                            .findFirst()
                            .orElseThrow();

            vm.done("{'execute':'block-stream','arguments':{'job-id':'s','device':'top','bottom':'" + middle + "'}}");
            vm.untilJob("s", "");

            assertThat(text(vm.inserted(), "backing_file"))
                    .isEqualTo(vm.path("base").toString());
            assertThat(vm.header("top")).contains(vm.path("base").toString()).doesNotContain("fdset");
            vm.whole("top");
        }
    }

    @Test
    void a_disk_that_the_service_attaches_has_its_own_file() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            // Its set gets a number that another file has had.
            assertThat(vm.refused("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'top','snapshot-file':'"
                            + vm.path("over") + "','snapshot-node-name':'middle','format':'qcow2'}}"))
                    .doesNotContain("labeler ");
            GuardedChain.make(temporary, "data", "");
            Command attached = service.cli(List.of(
                    "disk",
                    "attach",
                    "web1",
                    "--blockdev",
                    "driver=qcow2,node-name=data,file.driver=file,file.filename=" + vm.path("data")));
            assertThat(attached.exitCode()).as(attached.err()).isZero();

            assertThat(
                            GuardedChain.objects(
                                            vm.done("{'execute':'query-named-block-nodes','arguments':{'flat':true}}"))
                                    .stream()
                                    .filter(node -> text(node, "node-name").startsWith("data"))
                                    .map(node -> text(node, "file")))
                    .isNotEmpty()
                    .allMatch(vm.path("data").toString()::equals);
            assertThat(vm.refused("{'execute':'block-stream','arguments':{'device':'data','base-node':'top'}}"))
                    .startsWith("labeler S9: ");
            vm.done("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'data','snapshot-file':'"
                    + vm.path("data2") + "','snapshot-node-name':'data2','format':'qcow2'}}");
            assertThat(vm.header("data2")).contains(vm.path("data").toString()).doesNotContain("fdset");
            assertThat(service.cli(List.of("events", "web1")).out()).doesNotContain("drift");
        }
    }

    @Test
    void a_disk_joins_whatever_the_guard_settles_meanwhile() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            GuardedChain.make(temporary, "data", "");
            for (int round = 0; round < 4; round++) {
                Command attached = service.cli(List.of(
                        "disk",
                        "attach",
                        "web1",
                        "--blockdev",
                        "driver=qcow2,node-name=data,file.driver=file,file.node-name=data-file,file.filename="
                                + vm.path("data")));
                assertThat(attached.exitCode()).as(attached.err()).isZero();
                Command detached = service.cli(List.of("disk", "detach", "web1", "data"));
                assertThat(detached.exitCode()).as(detached.err()).isZero();
            }
        }
    }

    /** As a manager does for a copy: once to see it, and once more over the disk. */
    @Test
    void an_image_is_added_again_over_a_file_that_stays() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            GuardedChain.make(temporary, "data", "");
            vm.done("{'execute':'blockdev-add','arguments':{'driver':'file','node-name':'p','filename':'"
                    + vm.path("data") + "','auto-read-only':true}}");
            for (int round = 0; round < 3; round++) {
                vm.done("{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'f','file':'p'}}");
                vm.done("{'execute':'blockdev-del','arguments':{'node-name':'f'}}");
            }
        }
    }

    @Test
    void the_name_of_a_set_gets_into_no_header() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            for (int set = 0; set < 8; set++) {
                assertThat(vm.refused("{'execute':'block-commit','arguments':{'job-id':'c','device':'top','top-node':"
                                + "'middle','base-node':'base','backing-file':'/dev/fdset/" + set + "'}}"))
                        .contains("labeler S8");
                assertThat(vm.refused("{'execute':'change-backing-file','arguments':{'device':'top',"
                                + "'image-node-name':'top','backing-file':'/dev/fdset/" + set + "'}}"))
                        .contains("labeler S8");
            }

            vm.done("{'execute':'change-backing-file','arguments':{'device':'top','image-node-name':'top',"
                    + "'backing-file':'" + vm.path("middle") + "'}}");
            assertThat(vm.header("top"))
                    .doesNotContain("fdset")
                    .contains(vm.path("middle").toString());
            vm.done("{'execute':'block-commit','arguments':{'job-id':'c','device':'top','top-node':'middle',"
                    + "'base-node':'base','backing-file':'" + vm.path("base") + "'}}");
            vm.untilJob("c", "");
            assertThat(vm.header("top"))
                    .doesNotContain("fdset")
                    .contains(vm.path("base").toString());
        }
    }

    @Test
    void what_qemu_says_of_a_fault_has_the_name_of_the_file() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            Files.writeString(vm.path("nothing"), "no image");

            assertThat(vm.refused("{'execute':'blockdev-add','arguments':{'driver':'file','node-name':'f','filename':'"
                            + vm.path("nothing") + "','read-only':true,'locking':'on','aio':'io_uring'}}"))
                    .doesNotContain("fdset");
        }
    }

    @Test
    void a_set_of_the_client_keeps_its_name() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            assertThat(vm.refused("{'execute':'remove-fd','arguments':{'fdset-id':7}}"))
                    .contains("fdset-id:7")
                    .doesNotContain(temporary.toString());
        }
    }

    @Test
    void the_words_for_disks_take_files() throws IOException {
        try (GuardedChain vm = GuardedChain.byHeaders(temporary, service)) {
            disk(
                    "commit",
                    "--top",
                    vm.path("middle").toString(),
                    "--base",
                    vm.path("base").toString());
            assertThat(vm.header("top")).contains(vm.path("base").toString()).doesNotContain("fdset");
            vm.whole("top");

            disk("snapshot", vm.path("over").toString());
            assertThat(text(vm.inserted(), "file")).isEqualTo(vm.path("over").toString());
            disk("stream", "--base", vm.path("base").toString());
            assertThat(vm.header("over")).contains(vm.path("base").toString()).doesNotContain("fdset");

            disk("mirror", vm.path("copy").toString(), "--format", "qcow2", "--pivot");
            assertThat(text(vm.inserted(), "file")).isEqualTo(vm.path("copy").toString());

            Path medium = new Images(temporary).raw("medium");
            Command inserted =
                    service.cli(List.of("disk", "insert", "web1", "cd0", medium.toString(), "--format", "raw"));
            assertThat(inserted.exitCode()).as("%s", inserted).isZero();
            Command ejected = service.cli(List.of("disk", "eject", "web1", "cd0", "--force"));
            assertThat(ejected.exitCode()).as("%s", ejected).isZero();
            vm.qemu().close();
            vm.whole("copy");
        }
    }

    @Test
    void a_stream_by_the_words_for_disks_leaves_no_node() throws IOException {
        try (GuardedChain vm = GuardedChain.started(temporary, service)) {
            disk("snapshot", vm.path("over").toString());
            disk("snapshot", vm.path("over2").toString());
            disk("stream", "--base", vm.path("base").toString());
            assertThat(vm.nodes()).doesNotContain("top", "top-file", "middle", "middle-file");

            disk("stream");
            assertThat(vm.nodes()).doesNotContain("base", "base-file");
            assertThat(vm.holds("base")).isFalse();
            disk("mirror", vm.path("copy").toString(), "--format", "qcow2", "--no-pivot");
            disk("mirror", vm.path("mirror").toString(), "--format", "qcow2");
            vm.qemu().close();
            vm.whole("mirror");
        }
    }

    private void disk(String word, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("disk", word, "web1", "vd0"));
        command.addAll(List.of(arguments));
        Command run = service.cli(command);
        assertThat(run.exitCode()).as("%s", run).isZero();
    }
}
