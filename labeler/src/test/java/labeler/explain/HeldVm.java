package labeler.explain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.FileUse;
import labeler.lifecycle.FileView;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.VmState;
import labeler.lifecycle.VmView;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.plan.Treatment;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/** VMs as the service holds them. */
final class HeldVm {
    private static final SecurityContext PROCESS = new SecurityContext("system_u", "system_r", "svirt_t", "s0");
    private static final SecurityContext IMAGE = new SecurityContext("system_u", "object_r", "svirt_image_t", "s0");

    private HeldVm() {}

    /** A VM that runs, with one disk that it writes. Nobody knows since when. */
    static VmView of(String name, String level, Pid pid, String disk, FileIdentity identity) {
        return of(name, level, pid, Optional.empty(), file(disk, level(level), identity));
    }

    /** The same, with the time at which its process began. */
    static VmView of(String name, String level, Pid pid, Optional<Instant> since, FileView disk) {
        Level at = level(level);
        return new VmView(
                new VmName(name),
                VmState.RUNNING,
                Optional.of(pid),
                at,
                PROCESS.at(at),
                IMAGE.at(at),
                Set.of(),
                Optional.empty(),
                GuardState.OFF,
                Optional.empty(),
                List.of(disk),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                since,
                Optional.empty());
    }

    static Level level(String text) {
        return Level.parse(text).orElseThrow();
    }

    static FileView file(String path, Level level, FileIdentity identity) {
        return new FileView(
                HostPath.of(path),
                Treatment.LABEL,
                Optional.of(IMAGE.at(level)),
                Optional.empty(),
                "a writable disk",
                List.of(new FileUse(new Origin("-drive[0]"), FileRole.DISK, UseAccess.READ_WRITE)),
                Optional.empty(),
                Optional.of(identity),
                List.of(),
                Optional.empty(),
                List.of());
    }
}
