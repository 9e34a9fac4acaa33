package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header of an image decides at the next start what is below it, whatever a command says now (S7, S12). */
class HeadersTest extends WithRuleBed {
    /** A node on an image that the VM does not have yet. */
    private static String node(String image, String rest) {
        return command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'x','file':{'driver':'file','filename':'@/" + image + "'}," + rest);
    }

    private static String inline(String image) {
        return "{'driver':'qcow2','read-only':true,'backing':null,'file':{'driver':'file','filename':'@/" + image
                + "','read-only':true}}";
    }

    /** Adds the node, and takes it away again. */
    private void added(String command) throws IOException {
        bed.done(command);
        bed.done(command("blockdev-del", "'node-name':'x'"));
    }

    private void image(String name, String backing, String format) throws IOException {
        RuleBed.qemuImg("create", "-u", "-q", "-f", "qcow2", "-b", backing, "-F", format, bed.path(name), "4M");
    }

    @Test
    void the_backing_that_a_command_names_is_the_one_of_the_header() throws IOException {
        bed.image("other", "base");

        refused("S7", node("other", "'backing':'middle'"));
        refused("S7", node("other", "'read-only':true,'backing':'middle'"));
        refused("S7", node("other", "'backing':" + inline("middle")));
        added(node("other", "'backing':" + inline("base")));
        added(node("other", "'backing':'base'"));
    }

    @Test
    void a_header_may_name_it_otherwise_or_not_at_all() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), bed.path(""));
        image("linked", root.resolve("link/base").toString(), "qcow2");
        image("beside", "base", "qcow2");
        bed.image("free", "");

        added(node("linked", "'backing':'base'"));
        added(node("beside", "'backing':'base'"));
        added(node("free", "'backing':'base'"));
        refused("S7", node("beside", "'backing':'middle'"));
    }

    @Test
    void a_filter_between_changes_nothing() throws IOException {
        bed.image("other", "base");
        bed.done(command("object-add", "'qom-type':'throttle-group','id':'slow'"));
        for (String name : List.of("base", "middle")) {
            bed.done(command(
                    "blockdev-add",
                    "'driver':'throttle','node-name':'slow-" + name + "','throttle-group':'slow','file':'" + name
                            + "'"));
        }

        added(node("other", "'backing':'slow-base'"));
        refused("S7", node("other", "'backing':'slow-middle'"));
    }

    private static String snapshot(String disk, String image) {
        return "'node-name':'" + disk + "','snapshot-node-name':'" + image + "','snapshot-file':'@/" + image
                + "','format':'qcow2','mode':'existing'";
    }

    /** qemu puts it over the disk without a look at its header, and the next start goes by that. */
    @Test
    void an_overlay_that_is_there_already_is_one_of_the_disk() throws IOException {
        image("other", bed.path("base").toString(), "qcow2");
        image("over", "top", "qcow2");
        bed.image("free", "");

        refused("S7", command("blockdev-snapshot-sync", snapshot("top", "other")));
        refused(
                "S7",
                command(
                        "transaction",
                        "'actions':[{'type':'blockdev-snapshot-sync','data':{" + snapshot("top", "other") + "}}]"));
        bed.done(command("blockdev-snapshot-sync", snapshot("top", "over")));
        bed.done(command("blockdev-snapshot-sync", snapshot("over", "free")));
    }

    /** A copy of what is overwritten lies on the disk: qemu does not look at the header either. */
    @Test
    void an_image_that_is_put_over_a_disk_for_a_backup_is_one_of_the_disk() throws IOException {
        image("other", bed.path("base").toString(), "qcow2");
        image("over", "top", "qcow2");
        String backup = "'job-id':'j','device':'top','sync':'none','format':'qcow2','mode':'existing','target':'@/";

        refused("S7", command("drive-backup", backup + "other'"));
        bed.done(command("drive-backup", backup + "over'"));
    }

    @Test
    void a_node_that_is_opened_anew_keeps_to_its_header() throws IOException {
        bed.image("other", "base");
        bed.done(command("blockdev-add", "'driver':'file','node-name':'f','auto-read-only':true,'filename':'@/other'"));
        bed.done(command("blockdev-add", "'driver':'qcow2','node-name':'x','file':'f','backing':'base'"));
        String again = "'options':[{'driver':'qcow2','node-name':'x','file':'f','backing':'";

        refused("S7", command("blockdev-reopen", again + "middle'}]"));
        bed.done(command("blockdev-reopen", again + "base'}]"));
    }

    @Test
    void the_data_file_is_the_one_of_the_header() throws IOException {
        RuleBed.qemuImg("create", "-q", "-f", "qcow2", "-o", "data_file=" + bed.path("data"), bed.path("other"), "4M");
        Files.write(bed.path("strange"), new byte[4 << 20]);
        String data = "'data-file':{'driver':'file','filename':'@/";

        refused("S7", node("other", data + "strange'}"));
        added(node("other", data + "data'}"));
    }

    @Test
    void a_header_that_the_command_hides_is_judged_all_the_same() throws IOException {
        image("system", "/etc/hostname", "raw");
        image("nothing", bed.path("nobody").toString(), "qcow2");
        image("protocol", "nbd:localhost:1", "raw");
        image("guessed", bed.path("base").toString(), "raw");
        image("good", bed.path("top").toString(), "qcow2");

        refused("S12", node("system", "'backing':null"));
        refused("S12", node("nothing", "'backing':null"));
        refused("S12", node("protocol", "'backing':null"));
        refused("S12", node("guessed", "'backing':null"));
        refused("S12", node("guessed", "'backing':'base'"));
        added(node("good", "'backing':null"));
    }

    @Test
    void a_header_that_qemu_writes_has_the_format_that_the_file_has() throws IOException {
        bed.image("new", "");
        bed.done(command("blockdev-add", "'driver':'file','node-name':'f','filename':'@/new'"));
        String create = "'job-id':'j','options':{'driver':'qcow2','file':'f','size':4194304,'backing-file':'@/top',"
                + "'backing-fmt':'";

        refused("S12", command("blockdev-create", create + "raw'}"));
        bed.done(command("blockdev-create", create + "qcow2'}"));
    }

    /** qemu writes the image's own format for that of the one below. */
    @Test
    void the_header_of_an_image_over_another_format_is_not_changed() throws IOException {
        Files.write(bed.path("raw"), new byte[4 << 20]);
        image("other", bed.path("raw").toString(), "raw");
        bed.done(command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'x','file':{'driver':'file','filename':'@/other'},"
                        + "'backing':{'driver':'raw','read-only':true,'file':{'driver':'file','read-only':true,"
                        + "'filename':'@/raw'}}"));

        refused("S12", changed("x", "raw"));
        bed.done(changed("top", "upper"));
    }

    private static String changed(String image, String below) {
        return command(
                "change-backing-file",
                "'device':'" + image + "','image-node-name':'" + image + "','backing-file':'@/" + below + "'");
    }

    /** Before a commit qemu writes that header once more, since it would die at its end if it could not. */
    @Test
    void an_overlay_over_another_format_is_in_no_commit_while_it_is_only_read() throws IOException {
        bed.image("low", "");
        RuleBed.qemuImg(
                "create", "-q", "-f", "qed", "-b", bed.path("low").toString(), "-F", "qcow2", bed.path("between"));
        image("over", bed.path("between").toString(), "qed");
        image("highest", bed.path("over").toString(), "qcow2");
        bed.done(read("qcow2", "low", "null"));
        bed.done(read("qed", "between", "'low'"));
        bed.done(read("qcow2", "over", "'between'"));
        bed.done(command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'highest','backing':'over','file':{'driver':'file','filename':"
                        + "'@/highest'}"));

        refused(
                "S12",
                command("block-commit", "'job-id':'j','device':'highest','top-node':'between','base-node':'low'"));
    }

    private static String read(String driver, String image, String below) {
        return command(
                "blockdev-add",
                "'driver':'" + driver + "','node-name':'" + image + "','read-only':true,'backing':" + below
                        + ",'file':{'driver':'file','auto-read-only':true,'filename':'@/" + image + "'}");
    }

    /** The guest's qemu can write any header. */
    @Test
    void a_name_that_the_guest_has_written_goes_into_no_chain() throws IOException {
        rewritten("top", "upper", "uppeR");
        String snapshot = command(
                "blockdev-snapshot-sync",
                "'node-name':'top','snapshot-node-name':'new','snapshot-file':'@/new','format':'qcow2'");

        refused("S12", snapshot);
        refused("S12", command("block-stream", "'job-id':'j','device':'top','base-node':'upper'"));
        rewritten("top", "uppeR", "upper");
        bed.done(snapshot);
    }

    /** Changes the name in a header, as a guest would: behind qemu's back. */
    private void rewritten(String image, String from, String to) throws IOException {
        Path file = bed.path(image);
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String name = bed.path(from).toString();
        try (SeekableByteChannel channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
            channel.position(text.indexOf(name))
                    .write(StandardCharsets.ISO_8859_1.encode(bed.path(to).toString()));
        }
    }

    private static String alone(String image) {
        return command("blockdev-add", "'driver':'file','node-name':'f','filename':'@/" + image + "'");
    }

    private static String over(String backing) {
        return command("blockdev-add", "'driver':'qcow2','node-name':'x','file':'f'" + backing);
    }

    private void startsElsewhere(String image) throws IOException {
        bed.done(command("blockdev-del", "'node-name':'f'"));
        bed.vm()
                .until(() ->
                        bed.vm().holds().stream().noneMatch(hold -> hold.path().equals(HostPath.of(bed.path(image)))));
        bed.host().start("two", bed.host().image(image, ImageFormat.QCOW2, Access.READ_WRITE));
    }

    /** No VM has written it before. */
    @ParameterizedTest
    @ValueSource(strings = {"", ",'backing':'base'", ",'backing':null"})
    void an_image_over_a_file_node_that_writes_starts_again(String backing) throws IOException {
        bed.image("fresh", "base");
        bed.done(alone("fresh"));
        added(over(backing));

        startsElsewhere("fresh");
    }

    @Test
    void an_image_that_a_file_node_alone_had_starts_again() throws IOException {
        bed.image("fresh", "base");
        bed.done(alone("fresh"));

        startsElsewhere("fresh");
    }

    @Test
    void what_is_written_into_a_file_that_a_node_has_alone_is_the_guests() throws IOException {
        bed.image("fresh", "base");
        bed.image("basE", "");
        bed.done(alone("fresh"));
        rewritten("fresh", "base", "basE");

        // The file node is opened again, and so read before (S12); if its hold is not settled yet, the chain tells it
        // (S6).
        assertThat(bed.refused(over("")))
                .matches("labeler S(6|12): .*")
                .contains("written while a VM could write it; before it had the backing file " + bed.path("base"));
    }

    @Test
    void a_header_in_a_disk_that_was_raw_is_the_guests_under_a_file_node_too() throws IOException {
        bed.image("disk", "base");
        bed.host().start("two", bed.host().image("disk", ImageFormat.RAW, Access.READ_WRITE));
        bed.host().lifecycle().stop(new VmName("two"), Optional.empty());
        bed.done(alone("disk"));

        assertThat(bed.refused(over(""))).startsWith("labeler S6: ").contains("when it was last read, as raw");
    }
}
