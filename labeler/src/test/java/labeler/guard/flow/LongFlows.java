package labeler.guard.flow;

import static labeler.guard.flow.Ending.CANCEL;
import static labeler.guard.flow.Ending.FAILURE;
import static labeler.guard.flow.Ending.QEMU_KILLED;
import static labeler.guard.flow.Ending.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** What goes on after its answer: a copy as libvirt makes it, a snapshot within an image, a dump in the background. */
final class LongFlows {
    private static final String MIRROR = "mirror to a node";
    private static final String MOVE = "mirror to a block device";
    private static final String INTERNAL = "snapshot within the image";
    private static final String DUMP = "dump in the background";

    private static final String FILE = "copy";
    private static final String DEVICE = "device";

    private LongFlows() {}

    static List<FlowCase> cases() {
        return List.of(
                new FlowCase(MIRROR, SUCCESS, bed -> pivot(bed, FILE)),
                new FlowCase(MIRROR, FAILURE, bed -> mirrorThatFails(bed, FILE)),
                new FlowCase(MIRROR, CANCEL, bed -> mirrorThatIsCancelled(bed, FILE)),
                new FlowCase(MIRROR, QEMU_KILLED, bed -> mirror(bed, FILE, DiskFlows.SLOW)),
                new FlowCase(MOVE, SUCCESS, bed -> pivot(bed, DEVICE)),
                new FlowCase(MOVE, FAILURE, bed -> mirrorThatFails(bed, DEVICE)),
                new FlowCase(MOVE, CANCEL, bed -> mirrorThatIsCancelled(bed, DEVICE)),
                new FlowCase(MOVE, QEMU_KILLED, bed -> mirror(bed, DEVICE, DiskFlows.SLOW)),
                new FlowCase(INTERNAL, SUCCESS, LongFlows::internal),
                new FlowCase(INTERNAL, FAILURE, LongFlows::internalThatIsNotThere),
                new FlowCase(INTERNAL, QEMU_KILLED, bed -> state(bed, "save")),
                new FlowCase(DUMP, SUCCESS, LongFlows::dump),
                new FlowCase(DUMP, FAILURE, LongFlows::dumpWithoutRoom),
                new FlowCase(DUMP, QEMU_KILLED, LongFlows::longDump));
    }

    /** @param target a new file, or the device */
    private static void mirror(FlowBed bed, String target, String manners) throws IOException {
        if (target.equals(DEVICE)) {
            bed.device();
            bed.done(
                    "blockdev-add",
                    "'driver':'host_device','node-name':'device-file','auto-read-only':true,'filename':'"
                            + bed.path(DEVICE) + "'");
            DiskFlows.formatted(bed, DEVICE, "");
        } else {
            DiskFlows.image(bed, target, "");
        }
        bed.done(
                "blockdev-add",
                "'driver':'qcow2','node-name':'" + target + "','file':'" + target + "-file','backing':null");
        bed.writes(target);
        bed.done("blockdev-mirror", "'job-id':'job','device':'top','sync':'full','target':'" + target + "'" + manners);
        bed.writes(target, "top");
    }

    /** The disk has the copy from then on, as after {@code virsh blockcopy --pivot}. */
    private static void pivot(FlowBed bed, String target) throws IOException {
        mirror(bed, target, "");
        bed.untilJob("job", "ready");
        bed.done("job-complete", "'id':'job'");
        bed.untilGone("job");
        bed.disk(target);
        bed.writes(target);
        DiskFlows.removed(bed, "top", "middle", "base");
        bed.free("top", "middle", "base");
    }

    private static void mirrorThatFails(FlowBed bed, String target) throws IOException {
        DiskFlows.damaged(begun -> mirror(begun, target, DiskFlows.KEPT), "middle", "base")
                .play(bed);
        left(bed, target);
    }

    private static void mirrorThatIsCancelled(FlowBed bed, String target) throws IOException {
        DiskFlows.cancelled(begun -> mirror(begun, target, DiskFlows.SLOW), "base")
                .play(bed);
        left(bed, target);
    }

    /** The copy stays a node until its client removes it. */
    private static void left(FlowBed bed, String target) throws IOException {
        bed.writes(target);
        DiskFlows.removed(bed, target);
        bed.free(target);
    }

    private static void state(FlowBed bed, String what) throws IOException {
        String devices = "'job-id':'job','tag':'one','devices':['top']";
        bed.done("snapshot-" + what, devices + (what.equals("delete") ? "" : ",'vmstate':'top'"));
        bed.writes("top");
    }

    private static void internal(FlowBed bed) throws IOException {
        for (String what : List.of("save", "load", "delete")) {
            state(bed, what);
            bed.untilDone("job");
            bed.writes("top");
            bed.reads("middle", "base");
        }
    }

    private static void internalThatIsNotThere(FlowBed bed) throws IOException {
        state(bed, "load");
        bed.untilFailed("job");
        bed.writes("top");
        bed.reads("middle", "base");
    }

    private static void dump(FlowBed bed, String name, String more) throws IOException {
        bed.done("dump-guest-memory", "'paging':false,'detach':true,'protocol':'file:" + bed.path(name) + "'" + more);
    }

    private static void dump(FlowBed bed) throws IOException {
        dump(bed, "dump", "");
        bed.writes("dump");
        bed.untilDump("completed");
        bed.free("dump");
        assertThat(Files.size(bed.path("dump"))).isPositive();
    }

    private static void dumpWithoutRoom(FlowBed bed) throws IOException {
        bed.small();
        dump(bed, "small/dump", "");
        bed.untilDump("failed");
        bed.free("small/dump");
    }

    /** Of memory that the guest has not touched: it takes a while, and little room. */
    private static void longDump(FlowBed bed) throws IOException {
        bed.again("-m", "4G");
        dump(bed, "dump", ",'format':'kdump-zlib'");
        bed.untilDump("active");
        bed.writes("dump");
    }
}
