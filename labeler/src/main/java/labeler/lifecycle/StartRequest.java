package labeler.lifecycle;

import java.util.Locale;
import java.util.Optional;
import labeler.linux.Pid;
import labeler.plan.HandoverSupport;
import labeler.selinux.Level;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * A request for a start or a plan.
 *
 * @param commandLine the definition as a command line; empty for one of libvirt's
 * @param level to be used; empty if the service chooses
 * @param pid the process that is the VM or will become it; the VM ends with it
 * @param owner the owner of files that are created
 * @param launch who puts the walls around the process
 */
public record StartRequest(
        VmName name,
        VmDefinition definition,
        Optional<QemuCommandLine> commandLine,
        Optional<Level> level,
        Optional<Pid> pid,
        Owner owner,
        Launch launch) {
    /** The starter of qemu. */
    public enum Launch {
        /** {@code labeler run}, which confines itself before it becomes qemu. */
        RUN,
        /** Somebody else, who knows nothing of Landlock. */
        ELSEWHERE;

        /** The word for it in JSON. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The ways for a start to treat files that carry no label.
     *
     * @param domains the way for libvirt's domains, whose qemu opens files by itself
     */
    public HandoverSupport passing(HandoverSupport domains) {
        return commandLine.isPresent() && launch == Launch.ELSEWHERE
                ? new HandoverSupport.Impossible("start it with labeler run, which hands such files over")
                : planned(domains);
    }

    /** The same for a plan, when it is not yet known who will start qemu. */
    public HandoverSupport planned(HandoverSupport domains) {
        if (commandLine.isEmpty()) {
            return domains;
        }
        // The service would open the file with its own rights, not with the rights of the caller who names it.
        return owner.uid() == 0
                ? new HandoverSupport.Possible()
                : new HandoverSupport.Impossible("the service hands files over to root alone: start it as root");
    }

    /** A user and a group. */
    public record Owner(int uid, int gid) {}
}
