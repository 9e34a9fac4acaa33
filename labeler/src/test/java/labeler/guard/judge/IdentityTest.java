package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.guard.judge.RuleCase.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.chain.ImageFormat;
import labeler.guard.QmpClient;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.needs.Need;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file is the same under each of its names: a second name, a directory's second name, a descriptor. */
class IdentityTest extends WithRuleBed {
    @BeforeEach
    void itsFilesHaveSecondNames() throws IOException {
        Files.createLink(bed.path("same"), bed.path("base"));
        Files.createLink(bed.path("writer"), bed.path("top"));
        Files.createSymbolicLink(bed.path("link"), bed.path(""));
    }

    private static String node(String driver, String path, String rest) {
        return command(
                "blockdev-add",
                "'driver':'" + driver + "','node-name':'x','file':{'driver':'file','filename':'" + path + "'}" + rest);
    }

    @Test
    void what_is_only_read_is_not_written_under_another_name() throws IOException {
        for (String name : List.of("@/same", "@/link/base", "@/link/same")) {
            refused("S3", command("blockdev-add", "'driver':'file','node-name':'x','filename':'" + name + "'"));
            refused("S3", node("qcow2", name, ",'backing':null"));
            refused("S3", node("qcow2", name, ""));
            refused(
                    "S3",
                    command(
                            "drive-mirror",
                            "'job-id':'j','device':'top','sync':'full','format':'qcow2','mode':'existing','target':'"
                                    + name + "'"));
        }
        bed.done(file("x", "@/same"));
    }

    @Test
    void a_second_writer_under_another_name_is_none() throws IOException {
        refused("S5", node("qcow2", "@/writer", ",'backing':null"));
        refused(
                "S5",
                command(
                        "drive-backup",
                        "'job-id':'j','device':'top','sync':'full','format':'qcow2','mode':'existing',"
                                + "'target':'@/writer'"));
    }

    @Test
    void a_file_has_one_format_under_all_its_names() throws IOException {
        refused("S5", node("raw", "@/same", ",'read-only':true"));
        refused("S5", node("raw", "@/link/base", ",'read-only':true"));
        bed.done(node("qcow2", "@/same", ",'read-only':true"));
    }

    /** Its file node writes as soon as something above it does. */
    @Test
    void a_file_node_that_reads_until_somebody_writes_is_no_way_around() throws IOException {
        refused(
                "S3",
                command(
                        "blockdev-add",
                        "'driver':'qcow2','node-name':'x','file':{'driver':'file','auto-read-only':true,"
                                + "'filename':'@/base'}"));
        bed.done(command("blockdev-add", "'driver':'file','node-name':'f','auto-read-only':true,'filename':'@/base'"));
        refused("S3", command("blockdev-add", "'driver':'qcow2','node-name':'x','file':'f'"));
        bed.done(command("blockdev-add", "'driver':'qcow2','node-name':'x','file':'f','read-only':true"));
    }

    private String descriptor(Path path, Access access) throws IOException {
        return descriptor("{'execute':'add-fd'}", path, access);
    }

    private String descriptor(String command, Path path, Access access) throws IOException {
        OpenRequest request = new OpenRequest(access, OpenRequest.IMAGE.types(), OpenRequest.Links.FOLLOW);
        QmpClient client = bed.vm().client();
        if (JnaLinux.create().open().open(HostPath.of(path), request) instanceof OpenedFile file) {
            try (file) {
                client.write(command, List.of(file.descriptor()));
                JsonObject answer = client.await(message -> message.get("event").isEmpty());
                return answer.toString();
            }
        }
        throw new AssertionError(path + " cannot be opened");
    }

    @Test
    void a_descriptor_is_judged_by_its_file() throws IOException {
        for (String name : List.of("base", "same", "link/base")) {
            String before = bed.state();
            assertThat(descriptor(bed.path(name), Access.READ_WRITE)).as(name).contains("labeler S11: ");
            assertThat(RuleBed.changes(before, bed.state())).as(name).isEmpty();
            assertThat(descriptor(bed.path(name), Access.READ_ONLY)).as(name).contains("fdset-id");
        }
    }

    /** Its name would be refused as well, also where N4 is switched off. */
    @Test
    void a_descriptor_of_a_file_of_the_system_is_refused() throws IOException {
        for (String command : List.of("{'execute':'add-fd'}", command("getfd", "'fdname':'x'"))) {
            String before = bed.state();
            assertThat(descriptor(command, Path.of("/etc/hostname"), Access.READ_ONLY))
                    .as(command)
                    .contains("labeler N5: /etc/hostname is a file of the system");
            assertThat(RuleBed.changes(before, bed.state())).as(command).isEmpty();
        }
    }

    /** A dump, or a saved VM. */
    @Test
    void a_descriptor_of_an_output_may_be_where_clients_put_those() throws IOException {
        Path cache = Path.of("/var/cache");
        Need.require(Files.isWritable(cache), "needs root, to write to " + cache);
        Path output = Files.createTempFile(cache, "labeler-test", ".core");
        try {
            assertThat(descriptor(output, Access.WRITE_ONLY)).contains("fdset-id");
            assertThat(bed.vm().holds()).anyMatch(hold -> hold.path().equals(HostPath.of(output)));
        } finally {
            Files.delete(output);
        }
    }

    /** As of a base that many VMs share. */
    @Test
    void a_descriptor_for_reading_leaves_the_file_to_other_readers() throws IOException {
        for (String command : List.of("{'execute':'add-fd'}", command("getfd", "'fdname':'x'"))) {
            assertThat(descriptor(command, bed.path("base"), Access.READ_ONLY)).contains("return");
            assertThat(bed.host().label("base")).as(command).isEqualTo(FollowedHost.CONTENT);
        }

        bed.host().start("two", bed.host().image("base", ImageFormat.QCOW2, labeler.chain.Access.READ_ONLY));
        assertThat(descriptor(bed.path("same"), Access.READ_ONLY)).contains("return");
    }

    /** All memory of a VM is in it, or it is a key. */
    @ParameterizedTest
    @ValueSource(strings = {"QEVM", "LibvirtQemudSave", "LibvirtQemudPart", "-----BEGIN PRIVATE KEY-----", ""})
    void a_descriptor_of_what_is_no_image_is_of_a_secret(String begin) throws IOException {
        Files.writeString(bed.path("secret"), begin + "x".repeat(100));

        assertThat(descriptor(bed.path("secret"), Access.READ_ONLY)).contains("return");

        assertThat(bed.host().label("secret")).isEqualTo(bed.vm().image());
    }

    @Test
    void a_descriptor_of_a_raw_image_that_the_vm_reads_leaves_it_to_other_readers() throws IOException {
        Files.write(bed.path("raw"), new byte[4096]);
        bed.done("{'execute':'blockdev-add','arguments':{'driver':'raw','node-name':'raw','read-only':true,"
                + "'file':{'driver':'file','read-only':true,'filename':'" + bed.path("raw") + "'}}}");

        assertThat(descriptor(bed.path("raw"), Access.READ_ONLY)).contains("return");

        assertThat(bed.host().label("raw")).isEqualTo(FollowedHost.CONTENT);
    }
}
