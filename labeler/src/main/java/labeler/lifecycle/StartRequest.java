package labeler.lifecycle;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.plan.HandoverSupport;
import labeler.selinux.Level;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * A request for a start or a plan.
 *
 * @param commandLine the definition as a command line; empty for one of libvirt's
 * @param level to be used; empty if the service chooses
 * @param pid the process that is the VM or will become it; the VM ends with it
 * @param process this process itself, and no other that gets its number later; empty if only the number was given
 * @param launch who puts the walls around the process
 * @param guarding the guard before its monitor; empty for none
 */
public record StartRequest(
        VmName name,
        VmDefinition definition,
        Optional<QemuCommandLine> commandLine,
        Optional<Level> level,
        Optional<Pid> pid,
        Optional<ProcessIdentity> process,
        Asker asker,
        Launch launch,
        Optional<Guarding> guarding) {
    /** A request for a VM without a guard, or for one whose monitors are not yet known. */
    public StartRequest(
            VmName name,
            VmDefinition definition,
            Optional<QemuCommandLine> commandLine,
            Optional<Level> level,
            Optional<Pid> pid,
            Owner owner,
            Launch launch) {
        this(
                name,
                definition,
                commandLine,
                level,
                pid,
                Optional.empty(),
                new Asker(owner, StartedBy.LAUNCHER, Optional.empty()),
                launch,
                Optional.empty());
    }

    /**
     * The sockets that the guard of a VM is to serve.
     *
     * @param places of sockets, beside the one in the VM's runtime directory
     * @param isWhole whether there is no way around the guard
     */
    public record Guarding(List<HostPath> places, boolean isWhole) {
        public Guarding {
            places = List.copyOf(places);
        }
    }

    /** The same with a guard, which serves what the options were for that the command line has no more. */
    public StartRequest guarded(QemuCommandLine line, Guarding guard) {
        return new StartRequest(
                name, definition, Optional.of(line), level, pid, process, asker, launch, Optional.of(guard));
    }

    /**
     * Who asks.
     *
     * @param owner of files that are created
     * @param startedBy the command or the hook
     * @param hook libvirt's hook, if that asks
     */
    public record Asker(Owner owner, StartedBy startedBy, Optional<Hook> hook) {}

    public Owner owner() {
        return asker.owner();
    }

    public StartedBy startedBy() {
        return asker.startedBy();
    }

    /**
     * libvirt's hook.
     *
     * @param process its own, a child of libvirt's daemon; empty if it has ended
     * @param isArriving whether libvirt has said that the domain comes from another host
     */
    public record Hook(Optional<ProcessIdentity> process, boolean isArriving) {}

    /** The same, asked for by libvirt's hook. */
    public StartRequest by(StartedBy who, Hook hooksOwn) {
        Asker hooked = new Asker(owner(), who, Optional.of(hooksOwn));
        return new StartRequest(name, definition, commandLine, level, pid, process, hooked, launch, guarding);
    }

    /** The same at a level. */
    public StartRequest at(Level chosen) {
        return new StartRequest(
                name, definition, commandLine, Optional.of(chosen), pid, process, asker, launch, guarding);
    }

    /** The same with another definition. */
    public StartRequest with(VmDefinition changed) {
        return new StartRequest(name, changed, commandLine, level, pid, process, asker, launch, guarding);
    }

    /** The same for this very process, whose number may be another's by the time the files are found. */
    public StartRequest with(ProcessIdentity known) {
        Optional<Pid> number = Optional.of(known.pid());
        return new StartRequest(
                name, definition, commandLine, level, number, Optional.of(known), asker, launch, guarding);
    }

    /** By which other hosts know the VM. */
    public Optional<UUID> uuid() {
        return commandLine.flatMap(QemuCommandLine::uuid).or(definition::uuid);
    }

    /** The files that its qemu would take for its own, if they are there: no option names them. */
    public List<HostPath> lookedFor() {
        return commandLine.map(QemuCommandLine::lookedFor).orElse(List.of());
    }

    /** The directory of its process, if names on its command line are relative to that: by those qemu knows its files. */
    public Optional<HostPath> directory() {
        return commandLine.filter(line -> !line.relative().isEmpty()).map(QemuCommandLine::workingDirectory);
    }

    /** Whether the VM may come from another host, on which it runs still. */
    public boolean isArriving() {
        return uuid().isPresent()
                && (commandLine.filter(QemuCommandLine::isIncoming).isPresent()
                        || asker.hook().filter(Hook::isArriving).isPresent());
    }

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
        return owner().uid() == 0
                ? new HandoverSupport.Possible()
                : new HandoverSupport.Impossible("the service hands files over to root alone: start it as root");
    }

    /** A user and a group. */
    public record Owner(int uid, int gid) {}
}
