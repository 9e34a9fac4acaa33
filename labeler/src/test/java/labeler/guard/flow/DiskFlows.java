package labeler.guard.flow;

import static labeler.guard.flow.Ending.CANCEL;
import static labeler.guard.flow.Ending.FAILURE;
import static labeler.guard.flow.Ending.QEMU_KILLED;
import static labeler.guard.flow.Ending.SUCCESS;

import java.io.IOException;
import java.util.List;
import labeler.guard.flow.FlowCase.Script;

/** Snapshots and jobs on the images of a disk. */
final class DiskFlows {
    private static final String SNAPSHOT = "snapshot";
    private static final String SNAPSHOT_SYNC = "snapshot-sync";
    private static final String TRANSACTION = "transaction";
    private static final String COMMIT = "commit below";
    private static final String SHARED = "commit below two overlays";
    private static final String ACTIVE = "commit of the top";
    private static final String STREAM = "stream";
    private static final String BETWEEN = "stream below";
    private static final String MIRROR = "mirror";
    private static final String BACKUP = "backup";

    /** A job that waits to be told to go on. */
    static final String SLOW = ",'speed':1";

    /** A job that tells of its error until it is dismissed. */
    static final String KEPT = ",'auto-dismiss':false";

    private DiskFlows() {}

    static List<FlowCase> cases() {
        return List.of(
                new FlowCase(SNAPSHOT, SUCCESS, DiskFlows::snapshot),
                new FlowCase(SNAPSHOT, FAILURE, DiskFlows::snapshotOfABusyDisk),
                new FlowCase(SNAPSHOT, QEMU_KILLED, DiskFlows::snapshot),
                new FlowCase(SNAPSHOT_SYNC, SUCCESS, DiskFlows::snapshotSync),
                new FlowCase(SNAPSHOT_SYNC, FAILURE, DiskFlows::snapshotSyncOfABusyDisk),
                new FlowCase(SNAPSHOT_SYNC, QEMU_KILLED, DiskFlows::snapshotSync),
                new FlowCase(TRANSACTION, SUCCESS, DiskFlows::transaction),
                new FlowCase(TRANSACTION, FAILURE, DiskFlows::transactionThatFails),
                new FlowCase(TRANSACTION, CANCEL, DiskFlows::transactionWhoseJobIsCancelled),
                new FlowCase(TRANSACTION, QEMU_KILLED, DiskFlows::transactionWithAJob),
                new FlowCase(COMMIT, SUCCESS, DiskFlows::commit),
                new FlowCase(COMMIT, FAILURE, damaged(bed -> commit(bed, KEPT), "middle", "base")),
                new FlowCase(COMMIT, CANCEL, cancelled(bed -> commit(bed, SLOW), "base")),
                new FlowCase(COMMIT, QEMU_KILLED, bed -> commit(bed, SLOW)),
                new FlowCase(SHARED, SUCCESS, DiskFlows::commitBelowTwo),
                new FlowCase(ACTIVE, SUCCESS, DiskFlows::activeCommit),
                new FlowCase(ACTIVE, FAILURE, damaged(bed -> activeCommit(bed, KEPT), "middle", "base")),
                new FlowCase(ACTIVE, CANCEL, DiskFlows::activeCommitThatIsCancelledWhenReady),
                new FlowCase(ACTIVE, QEMU_KILLED, bed -> activeCommit(bed, SLOW)),
                new FlowCase(STREAM, SUCCESS, DiskFlows::stream),
                new FlowCase(STREAM, FAILURE, damaged(bed -> stream(bed, KEPT), "middle", "base")),
                new FlowCase(STREAM, CANCEL, cancelled(bed -> stream(bed, SLOW), "base")),
                new FlowCase(STREAM, QEMU_KILLED, bed -> stream(bed, SLOW)),
                new FlowCase(BETWEEN, SUCCESS, DiskFlows::streamBelow),
                new FlowCase(BETWEEN, FAILURE, damaged(bed -> streamBelow(bed, KEPT), "base", "middle")),
                new FlowCase(BETWEEN, CANCEL, cancelled(bed -> streamBelow(bed, SLOW), "middle")),
                new FlowCase(BETWEEN, QEMU_KILLED, bed -> streamBelow(bed, SLOW)),
                new FlowCase(MIRROR, SUCCESS, DiskFlows::mirror),
                new FlowCase(MIRROR, FAILURE, DiskFlows::mirrorThatFails),
                new FlowCase(MIRROR, CANCEL, DiskFlows::mirrorThatIsCancelledWhenReady),
                new FlowCase(MIRROR, QEMU_KILLED, bed -> mirror(bed, SLOW)),
                new FlowCase(BACKUP, SUCCESS, DiskFlows::backup),
                new FlowCase(BACKUP, FAILURE, DiskFlows::backupThatFails),
                new FlowCase(BACKUP, CANCEL, DiskFlows::backupThatIsCancelled),
                new FlowCase(BACKUP, QEMU_KILLED, bed -> backup(bed, SLOW)));
    }

    /** A job in the chain reads what cannot be read: then all is as before, and the file that it wrote is read again. */
    static Script damaged(Script begin, String damaged, String written) {
        return bed -> {
            new FlowImages(bed.path("")).damage(damaged);
            begin.play(bed);
            bed.untilFailed("job");
            ended(bed, written);
        };
    }

    static Script cancelled(Script begin, String written) {
        return bed -> {
            begin.play(bed);
            bed.done("block-job-cancel", "'device':'job'");
            bed.untilGone("job");
            ended(bed, written);
        };
    }

    private static void ended(FlowBed bed, String written) throws IOException {
        if (written.equals("middle")) {
            reopened(bed, written, "'base'");
        }
        asBefore(bed);
    }

    /** qemu keeps an image open for writing that a job has made writable, and did not use up: its client may end that. */
    private static void reopened(FlowBed bed, String image, String backing) throws IOException {
        bed.writes(image);
        bed.done(
                "blockdev-reopen",
                "'options':[{'driver':'qcow2','node-name':'" + image + "','file':'" + image + "-file','read-only':true,"
                        + "'backing':" + backing + "}]");
        bed.reads(image);
    }

    private static void asBefore(FlowBed bed) throws IOException {
        bed.writes("top");
        bed.reads("middle", "base");
    }

    static void removed(FlowBed bed, String... nodes) throws IOException {
        for (String node : nodes) {
            bed.done("blockdev-del", "'node-name':'" + node + "'");
            bed.done("blockdev-del", "'node-name':'" + node + "-file'");
        }
    }

    /** Adds an overlay as libvirt does: a file, a header, a node. */
    private static void overlay(FlowBed bed) throws IOException {
        image(bed, "over", "top");
        bed.done("blockdev-add", "'driver':'qcow2','node-name':'over','file':'over-file','backing':null");
        bed.writes("over", "top");
    }

    /**
     * A new file with a header, and a file node for it.
     *
     * @param below what the header names; nothing, if it is empty
     */
    static void image(FlowBed bed, String name, String below) throws IOException {
        FileFlows.create(bed, name);
        bed.done("job-dismiss", "'id':'make'");
        bed.done(
                "blockdev-add",
                "'driver':'file','node-name':'" + name + "-file','auto-read-only':true,'filename':'" + bed.path(name)
                        + "'");
        formatted(bed, name, below);
    }

    /** The same on a file node that is there. */
    static void formatted(FlowBed bed, String name, String below) throws IOException {
        bed.done(
                "blockdev-create",
                "'job-id':'format','options':{'driver':'qcow2','file':'" + name + "-file','size':4194304"
                        + (below.isEmpty() ? "" : ",'backing-file':'" + bed.path(below) + "','backing-fmt':'qcow2'")
                        + "}");
        bed.untilJob("format", "concluded");
        bed.done("job-dismiss", "'id':'format'");
    }

    static void snapshot(FlowBed bed) throws IOException {
        overlay(bed);
        bed.done("blockdev-snapshot", "'node':'top','overlay':'over'");
        onTop(bed);
    }

    private static void onTop(FlowBed bed) throws IOException {
        bed.disk("over");
        bed.writes("over");
        bed.reads("top", "middle", "base");
    }

    private static void snapshotOfABusyDisk(FlowBed bed) throws IOException {
        overlay(bed);
        mirror(bed, SLOW);
        bed.fails("blockdev-snapshot", "'node':'top','overlay':'over'");
        bed.writes("over");
        asBefore(bed);
        removed(bed, "over");
        bed.free("over");
    }

    private static String sync(FlowBed bed) {
        return "'node-name':'top','snapshot-node-name':'over','format':'qcow2','snapshot-file':'" + bed.path("over")
                + "'";
    }

    private static void snapshotSync(FlowBed bed) throws IOException {
        bed.done("blockdev-snapshot-sync", sync(bed));
        onTop(bed);
    }

    private static void snapshotSyncOfABusyDisk(FlowBed bed) throws IOException {
        mirror(bed, SLOW);
        bed.fails("blockdev-snapshot-sync", sync(bed));
        bed.free("over");
        asBefore(bed);
    }

    private static String bitmap(String name) {
        return "{'type':'block-dirty-bitmap-add','data':{'node':'middle','name':'" + name + "'}}";
    }

    private static void transaction(FlowBed bed) throws IOException {
        bed.done(
                "transaction",
                "'actions':[{'type':'blockdev-snapshot-sync','data':{" + sync(bed) + "}}," + bitmap("one") + "]");
        onTop(bed);
    }

    private static void transactionThatFails(FlowBed bed) throws IOException {
        bed.fails(
                "transaction",
                "'actions':[{'type':'blockdev-snapshot-sync','data':{" + sync(bed) + "}}," + bitmap("one") + ","
                        + bitmap("one") + "]");
        bed.free("over");
        asBefore(bed);
    }

    private static void transactionWithAJob(FlowBed bed) throws IOException {
        bed.done(
                "transaction",
                "'actions':[{'type':'drive-backup','data':{" + backupTo(bed, SLOW) + "}}," + bitmap("one") + "]");
        bed.writes("copy", "top");
    }

    private static void transactionWhoseJobIsCancelled(FlowBed bed) throws IOException {
        cancelled(DiskFlows::transactionWithAJob, "base").play(bed);
        bed.free("copy");
    }

    private static void commit(FlowBed bed, String manners) throws IOException {
        bed.done("block-commit", "'job-id':'job','device':'top','top-node':'middle','base-node':'base'" + manners);
        bed.writes("top");
        if (manners.equals(SLOW)) {
            bed.writes("base");
        }
    }

    private static void commit(FlowBed bed) throws IOException {
        commit(bed, SLOW);
        bed.done("block-job-set-speed", "'device':'job','speed':0");
        bed.untilGone("job");
        asBefore(bed);
        removed(bed, "middle");
        bed.free("middle");
    }

    /** The layer that goes has a second image on it, for reading: what the disk was. qemu writes its header as well. */
    private static void commitBelowTwo(FlowBed bed) throws IOException {
        image(bed, "over", "middle");
        bed.done(
                "blockdev-add",
                "'driver':'qcow2','node-name':'over','file':'over-file','read-only':true,'backing':'middle'");
        bed.reads("over");
        commit(bed, SLOW);
        bed.writes("over");
        bed.done("block-job-set-speed", "'device':'job','speed':0");
        bed.untilGone("job");
        asBefore(bed);
        bed.reads("over");
        removed(bed, "middle", "over");
        bed.free("middle", "over");
    }

    private static void activeCommit(FlowBed bed, String manners) throws IOException {
        bed.done("block-commit", "'job-id':'job','device':'top','base-node':'base'" + manners);
        bed.writes("top");
        if (!manners.equals(KEPT)) {
            bed.writes("base");
        }
    }

    private static void activeCommit(FlowBed bed) throws IOException {
        activeCommit(bed, "");
        bed.untilJob("job", "ready");
        bed.done("job-complete", "'id':'job'");
        bed.untilGone("job");
        bed.disk("base");
        bed.writes("base");
        removed(bed, "top", "middle");
        bed.free("top", "middle");
    }

    private static void activeCommitThatIsCancelledWhenReady(FlowBed bed) throws IOException {
        activeCommit(bed, "");
        bed.untilJob("job", "ready");
        bed.done("block-job-cancel", "'device':'job'");
        bed.untilGone("job");
        reopened(bed, "base", "null");
        asBefore(bed);
    }

    private static void stream(FlowBed bed, String manners) throws IOException {
        bed.done("block-stream", "'job-id':'job','device':'top','base-node':'base'" + manners);
        bed.writes("top");
    }

    private static void stream(FlowBed bed) throws IOException {
        stream(bed, "");
        bed.untilGone("job");
        removed(bed, "middle");
        bed.free("middle");
        bed.writes("top");
        bed.reads("base");
    }

    private static void streamBelow(FlowBed bed, String manners) throws IOException {
        bed.done("block-stream", "'job-id':'job','device':'middle'" + manners);
        if (manners.equals(SLOW)) {
            bed.writes("middle");
        }
    }

    private static void streamBelow(FlowBed bed) throws IOException {
        streamBelow(bed, SLOW);
        bed.done("block-job-set-speed", "'device':'job','speed':0");
        bed.untilGone("job");
        removed(bed, "base");
        bed.free("base");
        reopened(bed, "middle", "null");
        bed.writes("top");
    }

    private static void mirror(FlowBed bed, String manners) throws IOException {
        bed.done(
                "drive-mirror",
                "'job-id':'job','device':'top','target':'" + bed.path("copy")
                        + "','format':'qcow2','sync':'full','node-name':'copy'" + manners);
        bed.writes("top");
        if (!manners.equals(KEPT)) {
            bed.writes("copy");
        }
    }

    private static void mirror(FlowBed bed) throws IOException {
        mirror(bed, "");
        bed.untilJob("job", "ready");
        bed.done("job-complete", "'id':'job'");
        bed.untilGone("job");
        bed.disk("copy");
        bed.writes("copy");
        removed(bed, "top", "middle", "base");
        bed.free("top", "middle", "base");
    }

    private static void mirrorThatFails(FlowBed bed) throws IOException {
        damaged(begun -> mirror(begun, KEPT), "middle", "base").play(bed);
        bed.free("copy");
    }

    /** Its event says that it is completed. */
    private static void mirrorThatIsCancelledWhenReady(FlowBed bed) throws IOException {
        mirror(bed, "");
        bed.untilJob("job", "ready");
        bed.done("block-job-cancel", "'device':'job'");
        bed.untilGone("job");
        bed.free("copy");
        asBefore(bed);
    }

    private static String backupTo(FlowBed bed, String manners) {
        return "'job-id':'job','device':'top','target':'" + bed.path("copy") + "','format':'qcow2','sync':'full'"
                + manners;
    }

    private static void backup(FlowBed bed, String manners) throws IOException {
        bed.done("drive-backup", backupTo(bed, manners));
        if (manners.equals(SLOW)) {
            bed.writes("copy", "top");
        }
    }

    private static void backup(FlowBed bed) throws IOException {
        backup(bed, SLOW);
        bed.done("block-job-set-speed", "'device':'job','speed':0");
        bed.untilGone("job");
        bed.free("copy");
        asBefore(bed);
    }

    private static void backupThatFails(FlowBed bed) throws IOException {
        damaged(begun -> backup(begun, KEPT), "middle", "base").play(bed);
        bed.free("copy");
    }

    private static void backupThatIsCancelled(FlowBed bed) throws IOException {
        cancelled(begun -> backup(begun, SLOW), "base").play(bed);
        bed.free("copy");
    }
}
