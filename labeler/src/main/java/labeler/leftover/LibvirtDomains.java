package labeler.leftover;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.vm.VmName;
import labeler.vm.libvirt.LibvirtHost;

/**
 * The files that libvirt's system daemon keeps about the domains of this host, and how they are read.
 *
 * @param host its storage pools
 */
public record LibvirtDomains(LibvirtFiles files, LibvirtHost host, Linux linux) {
    /** The facts of all defined domains; none without libvirt. */
    LibvirtFiles.Known ofDefined() {
        return files.ofDefined();
    }

    /** The facts of all running domains, and of those that are about to run. */
    LibvirtFiles.Known ofRunning() {
        return running(Optional.empty());
    }

    /** The facts of all running domains except this one. */
    LibvirtFiles.Known ofRunningBeside(VmName one) {
        return running(Optional.of(one));
    }

    HostPath directory() {
        return HostPath.of(files.running());
    }

    private LibvirtFiles.Known running(Optional<VmName> left) {
        return new RunningStates(linux, directory(), left).read();
    }
}
