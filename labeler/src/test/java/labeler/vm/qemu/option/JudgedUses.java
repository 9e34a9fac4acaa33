package labeler.vm.qemu.option;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.fileset.ServicePlaces;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.plan.HeldFile;
import labeler.plan.Sharing;
import labeler.problem.Problem;
import labeler.vm.HostDevice;
import labeler.vm.KeyFiles;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/** A host with another VM's disk, a user's link to it and another VM's pipe, and the problems of plans that name them. */
final class JudgedUses {
    static final HostPath OTHERS_DISK = HostPath.of("/others/disk");
    static final HostPath USERS_LINK = HostPath.of("/home/user/link");
    static final HostPath PIPE = HostPath.of("/vm/pipe");
    private static final List<String> OTHERS =
            List.of(OTHERS_DISK.toString(), PIPE.toString(), PIPE + ".in", PIPE + ".out");
    static final HostPath FREE = HostPath.of("/vm/free");
    static final List<HostPath> FORBIDDEN = List.of(OTHERS_DISK, USERS_LINK, PIPE);

    static final HostPath JOURNAL = HostPath.of("/service/state/journal.db");
    static final HostPath LINK_TO_JOURNAL = HostPath.of("/vm/journal");
    static final HostPath SETTINGS = HostPath.of("/service/settings");
    static final HostPath PROGRAM = HostPath.of("/service/program/lib/labeler.jar");
    static final List<HostPath> SERVICES = List.of(JOURNAL, LINK_TO_JOURNAL, SETTINGS, PROGRAM);

    /** Devices of which the nodes are the same as {@link #FORBIDDEN}, and the journal. */
    static final List<HostDevice> FORBIDDEN_DEVICES =
            List.of(new HostDevice.Usb(1, 1), new HostDevice.Usb(1, 2), new HostDevice.Usb(1, 3));

    static final HostDevice JOURNAL_DEVICE = new HostDevice.Usb(1, 4);

    /** Directories in which each key is the same as {@link #FORBIDDEN}, and the journal. */
    static final List<HostPath> FORBIDDEN_KEYS =
            List.of(HostPath.of("/keys/disk"), HostPath.of("/home/user/keys"), HostPath.of("/keys/pipe"));

    static final HostPath JOURNAL_KEYS = HostPath.of("/keys/journal");

    private static final List<String> KEYS = Stream.concat(
                    Stream.of(
                            KeyFiles.AUTHORITY,
                            KeyFiles.REVOKED,
                            KeyFiles.SERVER,
                            KeyFiles.SERVER_KEY,
                            KeyFiles.CLIENT,
                            KeyFiles.CLIENT_KEY,
                            KeyFiles.PARAMETERS,
                            "keys.psk"),
                    KeyFiles.CARD.stream())
            .toList();

    private static final ServicePlaces PLACES = new ServicePlaces(
            List.of(HostPath.of("/service/state"), HostPath.of("/service/run")),
            List.of(HostPath.of("/service/program")),
            List.of(SETTINGS),
            HostPath.of("/service/run/vms"));

    private final FakeLinux kernel = new FakeLinux();

    JudgedUses() {
        kernel.file(OTHERS_DISK, new byte[4096]);
        kernel.directory("/home/user");
        kernel.owner("/home/user", 1001, 1001, 0755);
        kernel.symbolicLink(USERS_LINK, OTHERS_DISK);
        kernel.linkOwner(USERS_LINK, 1001, 1001);
        kernel.fifo(PIPE.toString());
        kernel.file(JOURNAL, new byte[4096]);
        kernel.hardLink(JOURNAL.toString(), LINK_TO_JOURNAL.toString());
        kernel.file(SETTINGS, new byte[16]);
        kernel.file(PROGRAM, new byte[16]);
        kernel.directory("/service/run/vms/web1");
        put("/dev/bus/usb/001/001", "/dev/bus/usb/001/002", "/dev/bus/usb/001/003", "/dev/bus/usb/001/004");
        KEYS.forEach(key -> put(
                FORBIDDEN_KEYS.get(0) + "/" + key,
                FORBIDDEN_KEYS.get(1) + "/" + key,
                FORBIDDEN_KEYS.get(2) + "/" + key,
                JOURNAL_KEYS + "/" + key));
        // qemu needs these names for a pipe.
        for (String suffix : List.of(".in", ".out")) {
            kernel.hardLink(OTHERS_DISK.toString(), OTHERS_DISK + suffix);
            kernel.symbolicLink(HostPath.of(USERS_LINK + suffix), OTHERS_DISK);
            kernel.linkOwner(HostPath.of(USERS_LINK + suffix), 1001, 1001);
            kernel.fifo(PIPE + suffix);
        }
    }

    /** Another VM's disk, a user's link to it, another VM's pipe and the journal by these names. */
    private void put(String disk, String link, String pipe, String journal) {
        kernel.hardLink(OTHERS_DISK.toString(), disk);
        kernel.symbolicLink(HostPath.of(link), OTHERS_DISK);
        kernel.linkOwner(HostPath.of(link), 1001, 1001);
        kernel.hardLink(PIPE.toString(), pipe);
        kernel.hardLink(JOURNAL.toString(), journal);
    }

    private Optional<HeldFile> held(FileIdentity identity) {
        boolean isOthers = OTHERS.stream()
                .anyMatch(path -> kernel.status(path).orElseThrow().identity().equals(identity));
        return isOthers
                ? Optional.of(new HeldFile(Sharing.EXCLUSIVE, List.of(new VmName("va")), Optional.empty(), Set.of()))
                : Optional.empty();
    }

    /** The problems of a start with this definition. */
    List<Problem> problems(VmDefinition definition) {
        return PlanOfLine.of(kernel.linux(), PLACES, this::held, definition, List.of())
                .problems();
    }
}
