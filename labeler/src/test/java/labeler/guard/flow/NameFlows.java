package labeler.guard.flow;

import static labeler.guard.flow.Ending.FAILURE;
import static labeler.guard.flow.Ending.QEMU_KILLED;
import static labeler.guard.flow.Ending.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Files that qemu opens by their names alone. Where it needs descriptors, the guard refuses them. */
final class NameFlows {
    private static final String MEMORY = "object: memory in a file";
    private static final String PACKETS = "object: packets of a network";
    private static final String PMEMSAVE = "pmemsave";

    private NameFlows() {}

    static List<FlowCase> cases() {
        return List.of(
                new FlowCase(MEMORY, SUCCESS, NameFlows::memory),
                new FlowCase(MEMORY, FAILURE, NameFlows::memoryOfNoSize),
                new FlowCase(MEMORY, QEMU_KILLED, NameFlows::memoryBegun),
                new FlowCase(PACKETS, SUCCESS, NameFlows::packets),
                new FlowCase(PACKETS, FAILURE, NameFlows::packetsOfNoNetwork),
                new FlowCase(PACKETS, QEMU_KILLED, NameFlows::packetsBegun),
                new FlowCase(PMEMSAVE, SUCCESS, NameFlows::pmemsave),
                new FlowCase(PMEMSAVE, FAILURE, NameFlows::pmemsaveWithoutRoom),
                new FlowCase(PMEMSAVE, QEMU_KILLED, NameFlows::partSaved));
    }

    private static String memoryIn(FlowBed bed, int size) {
        return "'qom-type':'memory-backend-file','id':'m','share':true,'size':" + size + ",'mem-path':'"
                + bed.path("memory") + "'";
    }

    private static void memoryBegun(FlowBed bed) throws IOException {
        bed.done("object-add", memoryIn(bed, 1 << 20));
        bed.writes("memory");
    }

    /** qemu closes the file some time after its answer. */
    private static void memory(FlowBed bed) throws IOException {
        memoryBegun(bed);
        bed.done("object-del", "'id':'m'");
        bed.free("memory");
        assertThat(Files.size(bed.path("memory"))).isEqualTo(1 << 20);
    }

    private static void memoryOfNoSize(FlowBed bed) throws IOException {
        bed.fails("object-add", memoryIn(bed, 0));
        bed.free("memory");
    }

    private static String packetsOf(FlowBed bed, String network) {
        return "'qom-type':'filter-dump','id':'d','netdev':'" + network + "','file':'" + bed.path("packets") + "'";
    }

    private static void packetsBegun(FlowBed bed) throws IOException {
        bed.done("netdev_add", "'type':'hubport','id':'n','hubid':0");
        bed.done("object-add", packetsOf(bed, "n"));
        bed.writes("packets");
    }

    private static void packets(FlowBed bed) throws IOException {
        packetsBegun(bed);
        bed.done("object-del", "'id':'d'");
        bed.free("packets");
        assertThat(Files.size(bed.path("packets"))).isPositive();
    }

    private static void packetsOfNoNetwork(FlowBed bed) throws IOException {
        bed.fails("object-add", packetsOf(bed, "none"));
        bed.free("packets");
    }

    private static String part(FlowBed bed, String name) {
        return "'val':0,'size':1048576,'filename':'" + bed.path(name) + "'";
    }

    private static void partSaved(FlowBed bed) throws IOException {
        bed.done("pmemsave", part(bed, "part"));
        bed.writes("part");
    }

    private static void pmemsave(FlowBed bed) throws IOException {
        partSaved(bed);
        bed.free("part");
        assertThat(Files.size(bed.path("part"))).isEqualTo(1 << 20);
    }

    private static void pmemsaveWithoutRoom(FlowBed bed) throws IOException {
        bed.small();
        bed.fails("pmemsave", part(bed, "small/part"));
        bed.free("small/part");
    }
}
