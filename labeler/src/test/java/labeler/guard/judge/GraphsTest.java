package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.Test;

/** Graphs that managers make of nodes on one file, and those that harm it (S5). */
class GraphsTest extends WithRuleBed {
    private static String add(String options) {
        return command("blockdev-add", options);
    }

    private void scratch(String backing) throws IOException {
        bed.image("scratch", "");
        bed.done(add(
                "'driver':'qcow2','node-name':'scratch','file':{'driver':'file','filename':'@/scratch'}" + backing));
    }

    private void server() throws IOException {
        Files.createDirectories(Path.of(bed.text("%run%/one")));
        bed.done(command(
                "nbd-server-start", "'addr':{'type':'unix','data':{'path':'" + bed.text("%run%/one/nbd") + "'}}"));
    }

    private void exported(String node) throws IOException {
        bed.done(command("block-export-add", "'type':'nbd','id':'e','node-name':'" + node + "'"));
        bed.done(command("block-export-del", "'id':'e'"));
    }

    @Test
    void a_file_may_be_read_twice_in_its_format() throws IOException {
        bed.done(add("'driver':'qcow2','node-name':'x','file':'base-file','read-only':true"));
        bed.done(add("'driver':'qcow2','node-name':'y','read-only':true,'file':{'driver':'file','read-only':true,"
                + "'filename':'@/base'}"));
        refused("S5", add("'driver':'raw','node-name':'z','file':'base-file','read-only':true"));
        refused("S3", add("'driver':'qcow2','node-name':'z','file':'base-file'"));
        refused("S5", add("'driver':'raw','node-name':'z','file':'top-file'"));
        refused("S5", add("'driver':'qcow2','node-name':'z','file':'top-file','backing':null"));
    }

    @Test
    void a_part_of_an_images_content_may_be_read() throws IOException {
        bed.done(add("'driver':'raw','node-name':'part','file':'base','read-only':true,'offset':512,'size':1024"));
    }

    /** qemu cuts the options of a node off that do not fit into a name, and the offset with them. */
    @Test
    void a_node_whose_options_are_cut_off_shows_no_whole_file() throws IOException {
        int length = bed.path("").toString().length();
        String below = ("d".repeat(199) + "/").repeat((3900 - length) / 200);
        String name = below + "f".repeat(4060 - length - below.length());
        Files.createDirectories(bed.path(name).getParent());
        Files.write(bed.path(name), new byte[4 << 20]);
        bed.done(add("'driver':'raw','node-name':'part','read-only':true,'offset':1048576,'size':1048576,"
                + "'file':{'driver':'file','filename':'@/" + name + "'}"));

        refused("C1", add("'driver':'qcow2','node-name':'x','read-only':true,'file':'part'"));
    }

    /** The upper one's base would be below the filter of the lower one; its bottom is not. */
    @Test
    void two_streams_may_run_in_one_disk() throws IOException {
        bed.done(command("block-stream", "'job-id':'lower','device':'middle','auto-finalize':false"));
        bed.vm().untilJob("lower", "pending");
        bed.done(command("block-stream", "'job-id':'upper','device':'top','bottom':'upper'"));
        bed.done(command("job-finalize", "'id':'lower'"));
        bed.vm().untilGone("lower");
        bed.vm().untilGone("upper");
    }

    /** As qemu's own tests name them. */
    @Test
    void a_job_may_have_the_name_of_a_node() throws IOException {
        bed.done(command("block-stream", "'job-id':'middle','device':'middle','auto-finalize':false"));
        bed.done(add("'driver':'qcow2','node-name':'x','file':'base-file','read-only':true"));
        bed.done(command("blockdev-del", "'node-name':'x'"));
        bed.done(command("job-cancel", "'id':'middle'"));
        bed.vm().untilGone("middle");
    }

    @Test
    void filters_may_stand_over_each_image() throws IOException {
        bed.done(command("object-add", "'qom-type':'throttle-group','id':'slow'"));
        bed.done(add("'driver':'throttle','node-name':'t','throttle-group':'slow','file':'top'"));
        bed.done(add("'driver':'throttle','node-name':'u','throttle-group':'slow','file':'base','read-only':true"));
    }

    /** A backup program reads the disk as it was: before each write, the old data goes to the scratch image. */
    @Test
    void a_backup_may_read_through_a_scratch_image() throws IOException {
        scratch(",'backing':'top'");
        bed.done(command("blockdev-backup", "'job-id':'b','device':'top','target':'scratch','sync':'none'"));
        server();
        exported("scratch");
        bed.done(command("block-job-cancel", "'device':'b'"));
        bed.vm().untilGone("b");
        bed.done(command("blockdev-del", "'node-name':'scratch'"));
    }

    @Test
    void a_backup_may_read_through_a_filter_that_copies_before_writes() throws IOException {
        scratch("");
        bed.done(add("'driver':'copy-before-write','node-name':'before','file':'top','target':'scratch'"));
        bed.done(drive("before"));
        bed.done(add("'driver':'snapshot-access','node-name':'then','file':'before'"));
        server();
        exported("then");
        bed.done(command("blockdev-del", "'node-name':'then'"));
        bed.done(drive("top"));
        bed.done(command("blockdev-del", "'node-name':'before'"));
    }

    private static String drive(String node) {
        return command("qom-set", "'path':'/machine/peripheral/vd0','property':'drive','value':'" + node + "'");
    }

    /** qemu would fail an assertion, and take the guest with it. */
    @Test
    void a_device_does_not_get_the_node_that_it_has() throws IOException {
        refused("C4", drive("top"));
        refused("C4", command("qom-set", "'path':'vd0','property':'drive','value':'top'"));
        scratch("");
        bed.done(add("'driver':'copy-before-write','node-name':'before','file':'top','target':'scratch'"));
        bed.done(drive("before"));
        refused("C4", drive("before"));
        bed.done(drive("top"));
        refused("C4", drive("top"));
    }

    @Test
    void a_device_gets_no_other_image_by_its_property() throws IOException {
        scratch("");
        bed.done(add("'driver':'copy-before-write','node-name':'before','file':'base','target':'scratch'"));
        refused("C4", drive("scratch"));
        refused("C4", drive("base"));
        refused("C4", drive("before"));
        refused("C4", drive("nothing"));
    }

    private static String quorum(String children) {
        return add("'driver':'quorum','node-name':'q','vote-threshold':1,'children':[" + children + "]");
    }

    @Test
    void a_quorum_may_stand_on_nodes_that_are_there() throws IOException {
        for (String name : List.of("one", "two")) {
            Files.write(bed.path(name), new byte[4 << 20]);
            bed.done(add(
                    "'driver':'file','node-name':'" + name + "','auto-read-only':true,'filename':'@/" + name + "'"));
        }
        bed.image("three", "");
        bed.done(add("'driver':'qcow2','node-name':'three','file':{'driver':'file','filename':'@/three'}"));

        refused("S9", quorum("'one','nobody'"));
        bed.done(quorum("'one','two','three'"));

        for (String name : List.of("one", "two", "three")) {
            assertThat(bed.host().label(name)).as(name).isEqualTo(bed.vm().image());
        }
        bed.done(add("'driver':'raw','node-name':'over','file':'q'"));
        bed.done(command("device_add", "'driver':'virtio-blk-pci','bus':'gate','id':'d','drive':'over'"));
    }

    @Test
    void a_quorum_may_stand_on_images_that_are_read() throws IOException {
        bed.done(add(
                "'driver':'quorum','node-name':'q','vote-threshold':1,'read-only':true,'children':['base','middle']"));

        assertThat(bed.host().label("base")).isEqualTo(FollowedHost.CONTENT);
        assertThat(bed.host().label("middle")).isEqualTo(FollowedHost.CONTENT);
    }

    /** Not for the moment either in which qemu finds out that it cannot. */
    @Test
    void what_stands_on_images_that_are_read_writes_none() throws IOException {
        bed.done(quorum("'base','middle'"));
        bed.done(command("object-add", "'qom-type':'throttle-group','id':'slow'"));
        bed.done(add("'driver':'throttle','node-name':'t','throttle-group':'slow','file':'middle'"));
        bed.done(add("'driver':'raw','node-name':'part','file':'base','offset':512,'size':1024"));
        String before = bed.state();

        for (String node : List.of("q", "t", "part")) {
            bed.refusedByQemu(
                    command("device_add", "'driver':'virtio-blk-pci','bus':'gate','id':'d','drive':'" + node + "'"));
        }

        assertThat(RuleBed.changes(before, bed.state())).isEmpty();
        assertThat(bed.vm().entries())
                .filteredOn(entry -> entry.toString().contains("device_add"))
                .hasSize(3)
                .allMatch(entry -> entry.files().isEmpty() && entry.holds().isEmpty());
        bed.host().start("two", bed.host().image("middle", ImageFormat.QCOW2, Access.READ_ONLY));
    }
}
