package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import labeler.guard.QmpClient;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Operations on the disk of a VM that Landlock confines: its qemu opens no file by itself. */
@Timeout(600)
class GuardFlowsIT {
    private static final String VM = "web1";

    private final Path temporary;
    private final ServiceFixture service;
    private final Qemu qemu;
    private final QmpClient client;

    /** The disk vd0 is top, on middle, on base. */
    GuardFlowsIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io");
        service = ServiceFixture.started(temporary);
        List<String> options = new ArrayList<>(
                List.of("-M", "q35", "-device", "virtio-blk-pci,drive=top,id=vd0", "-device", "ide-cd,id=cd0"));
        String below = "";
        for (String name : List.of("base", "middle", "top")) {
            GuardedChain.make(temporary, name, below);
            options.addAll(List.of(
                    "-blockdev",
                    "{\"driver\":\"file\",\"node-name\":\"" + name + "-file\",\"filename\":\"" + path(name)
                            + "\",\"auto-read-only\":true}"));
            options.addAll(List.of(
                    "-blockdev",
                    "{\"driver\":\"qcow2\",\"node-name\":\"" + name + "\",\"file\":\"" + name + "-file\",\"backing\":"
                            + (below.isEmpty() ? "null" : "\"" + below + "\"")
                            + (name.equals("top") ? "}" : ",\"read-only\":true}")));
            below = name;
        }
        qemu = Qemu.start(service.running(VM, Images.qemu(options.toArray(String[]::new))));
        Path socket = service.runDirectory().resolve("vms").resolve(VM).resolve("qmp.sock");
        eventually("a socket", () -> Files.exists(socket));
        client = new QmpClient(socket).negotiated();
    }

    /** qemu writes what it holds back; then each image is whole. */
    @AfterEach
    void end() throws IOException {
        client.close();
        qemu.close();
        for (String name : List.of("base", "middle", "top", "over", "copy", "mirror")) {
            if (Files.exists(path(name))) {
                GuardedChain.succeed(List.of(
                        "qemu-img", "check", "-q", "-f", "qcow2", path(name).toString()));
            }
        }
        service.close();
    }

    private Path path(String name) {
        return temporary.resolve(name);
    }

    private void whole(String name) throws IOException {
        GuardedChain.whole(path(name));
    }

    private String backing(String name) throws IOException {
        Command info = Command.run(
                Map.of(),
                List.of(
                        "qemu-img",
                        "info",
                        "-U",
                        "-f",
                        "qcow2",
                        "--output=json",
                        path(name).toString()));
        return info.out();
    }

    private void done(String command) throws IOException {
        client.done(command);
    }

    private void untilJob(String job, String status) throws IOException {
        eventually(job + " is " + status, () -> {
            String jobs = JsonWriter.compact(client.done("{'execute':'query-jobs'}"));
            return status.isEmpty() ? !jobs.contains(job) : jobs.contains(job) && jobs.contains(status);
        });
    }

    private void holds(String name) throws IOException {
        JsonObject status = service.get("/v1/vms/" + VM).ok().body();
        assertThat(JsonWriter.compact(status)).contains(path(name).toString());
    }

    @Test
    void a_commit_below_the_top_goes_through_descriptors() throws IOException {
        done("{'execute':'block-commit','arguments':{'job-id':'c','device':'top','top-node':'middle','base-node':"
                + "'base'}}");
        untilJob("\"c\"", "");

        done("{'execute':'blockdev-del','arguments':{'node-name':'middle'}}");
        done("{'execute':'blockdev-del','arguments':{'node-name':'middle-file'}}");
        assertThat(qemu.isAlive()).isTrue();
        whole("top");
        assertThat(backing("top")).contains(path("base").toString()).doesNotContain("fdset");
        service.assertNoStackTrace();
    }

    @Test
    void a_commit_of_the_top_goes_through_descriptors() throws IOException {
        done("{'execute':'block-commit','arguments':{'job-id':'c','device':'top','base-node':'base'}}");
        untilJob("\"c\"", "ready");
        done("{'execute':'job-complete','arguments':{'id':'c'}}");
        untilJob("\"c\"", "");

        whole("base");
        assertThat(JsonWriter.compact(client.done("{'execute':'query-block'}"))).contains("\"base\"");
        service.assertNoStackTrace();
    }

    @Test
    void a_stream_goes_through_descriptors() throws IOException {
        done("{'execute':'block-stream','arguments':{'job-id':'s','device':'top','base-node':'base'}}");
        untilJob("\"s\"", "");

        whole("top");
        assertThat(backing("top")).contains(path("base").toString()).doesNotContain("fdset");
        service.assertNoStackTrace();
    }

    @Test
    void a_snapshot_as_libvirt_makes_it_goes_through_descriptors() throws IOException {
        overlay("over");
        done("{'execute':'blockdev-snapshot','arguments':{'node':'top','overlay':'over'}}");

        holds("over");
        assertThat(backing("over")).contains(path("top").toString()).doesNotContain("fdset");
        // Until then qemu keeps the tables of a new image to itself.
        qemu.close();
        whole("over");
        service.assertNoStackTrace();
    }

    @Test
    void an_overlay_is_committed_through_descriptors() throws IOException {
        overlay("over");
        done("{'execute':'blockdev-snapshot','arguments':{'node':'top','overlay':'over'}}");

        done("{'execute':'block-commit','arguments':{'job-id':'c','device':'over','top-node':'over','base-node':"
                + "'top'}}");
        untilJob("\"c\"", "ready");
        done("{'execute':'job-complete','arguments':{'id':'c'}}");
        untilJob("\"c\"", "");
        whole("top");
        service.assertNoStackTrace();
    }

    private void overlay(String name) throws IOException {
        done("{'execute':'blockdev-create','arguments':{'job-id':'m','options':{'driver':'file','filename':'"
                + path(name) + "','size':0}}}");
        untilJob("\"m\"", "concluded");
        done("{'execute':'job-dismiss','arguments':{'id':'m'}}");
        done("{'execute':'blockdev-add','arguments':{'driver':'file','node-name':'" + name + "-file','filename':'"
                + path(name) + "','auto-read-only':true}}");
        done("{'execute':'blockdev-create','arguments':{'job-id':'f','options':{'driver':'qcow2','file':'" + name
                + "-file','size':4194304,'backing-file':'" + path("top") + "','backing-fmt':'qcow2'}}}");
        untilJob("\"f\"", "concluded");
        assertThat(JsonWriter.compact(client.done("{'execute':'query-jobs'}"))).doesNotContain("error");
        done("{'execute':'job-dismiss','arguments':{'id':'f'}}");
        done("{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'" + name + "','file':'" + name
                + "-file','backing':null}}");
    }

    @Test
    void a_snapshot_that_qemu_makes_goes_through_descriptors() throws IOException {
        done("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'top','snapshot-file':'" + path("over")
                + "','snapshot-node-name':'over','format':'qcow2'}}");

        whole("over");
        assertThat(backing("over")).contains(path("top").toString()).doesNotContain("fdset");
        service.assertNoStackTrace();
    }

    @Test
    void a_mirror_and_a_backup_go_through_descriptors() throws IOException {
        done("{'execute':'drive-backup','arguments':{'job-id':'b','device':'top','target':'" + path("copy")
                + "','format':'qcow2','sync':'full'}}");
        untilJob("\"b\"", "");
        whole("copy");

        done("{'execute':'drive-mirror','arguments':{'job-id':'m','device':'top','target':'" + path("mirror")
                + "','format':'qcow2','sync':'full','node-name':'mirror'}}");
        untilJob("\"m\"", "ready");
        done("{'execute':'job-complete','arguments':{'id':'m'}}");
        untilJob("\"m\"", "");
        whole("mirror");
        service.assertNoStackTrace();
    }

    @Test
    void a_medium_goes_through_a_descriptor() throws IOException {
        Files.write(path("disc"), new byte[1 << 20]);

        done("{'execute':'blockdev-change-medium','arguments':{'id':'cd0','filename':'" + path("disc")
                + "','format':'raw'}}");
        holds("disc");

        done("{'execute':'eject','arguments':{'id':'cd0','force':true}}");
        JsonObject status = service.get("/v1/vms/" + VM).ok().body();
        assertThat(JsonWriter.compact(status)).doesNotContain(path("disc").toString());
        service.assertNoStackTrace();
    }

    @Test
    void files_outside_of_disks_go_through_descriptors() throws IOException {
        done("{'execute':'dump-guest-memory','arguments':{'paging':false,'protocol':'file:" + path("dump") + "'}}");
        assertThat(Files.size(path("dump"))).isPositive();
        done("{'execute':'chardev-add','arguments':{'id':'log','backend':{'type':'file','data':{'out':'" + path("log")
                + "'}}}}");
        done("{'execute':'chardev-remove','arguments':{'id':'log'}}");
        done("{'execute':'migrate','arguments':{'uri':'file:" + path("saved") + "'}}");
        eventually(
                "it is saved",
                () -> JsonWriter.compact(client.done("{'execute':'query-migrate'}"))
                        .contains("completed"));
        done("{'execute':'cont'}");
        assertThat(Files.size(path("saved"))).isPositive();
        assertThat(qemu.isAlive()).isTrue();
        service.assertNoStackTrace();
    }
}
