package labeler.fileset;

import java.util.List;
import java.util.Optional;
import labeler.chain.ChainWalker;
import labeler.fileset.device.AddressedNodes;
import labeler.fileset.device.HostNode;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;

/** Opens every file that a definition and the headers below it name, each once. */
public final class FileSetBuilder {
    private final SafeOpen open;
    private final ChainWalker<LinuxImage> walker;
    private final SystemFiles systemFiles;
    private final ServiceFiles serviceFiles;
    private final HeaderRules rules;

    public FileSetBuilder(
            SafeOpen open,
            ChainWalker<LinuxImage> walker,
            SystemFiles systemFiles,
            ServiceFiles serviceFiles,
            HeaderRules rules) {
        this.open = open;
        this.walker = walker;
        this.systemFiles = systemFiles;
        this.serviceFiles = serviceFiles;
        this.rules = rules;
    }

    /** The start of the file set: the files that the definition itself names. */
    public static List<HostPath> named(VmDefinition definition) {
        return definition.uses().stream().flatMap(use -> use.names().stream()).toList();
    }

    /** Device and inode of what a name leads to now; for comparing. */
    public Optional<FileIdentity> number(HostPath name) {
        return open.number(name);
    }

    /** The file to which a name leads now; empty for nothing, and for what cannot be reached. */
    public Optional<FileIdentity> identity(HostPath name) {
        return reach(name).map(FileStatus::identity);
    }

    /** The same with all that is known of it. */
    public Optional<FileStatus> reach(HostPath name) {
        return open.reach(name);
    }

    /** The nodes that are there of a device of the host; none if it has no such device. Opens nothing. */
    public List<HostPath> nodes(DeclaredUse.DeviceUse use) {
        List<HostPath> nodes = switch (systemFiles.hostDevices(open).addresses().of(use.device())) {
            case AddressedNodes.Known(List<HostNode> known) ->
                known.stream().map(HostNode::path).toList();
            case AddressedNodes.Later(HostPath node, String _) -> List.of(node);
            case AddressedNodes.Unknown _ -> List.of();
        };
        // An open of a disk can wait for its storage.
        return nodes.stream().filter(node -> open.reach(node).isPresent()).toList();
    }

    /** The file set; never throws because of a definition or an image. The caller closes it. */
    public FileSet build(VmDefinition definition) {
        return search(definition).gather(definition);
    }

    /**
     * The same for a VM whose qemu would take more files for its own, if they were there: whoever may write in its directory
     * would choose the firmware of the guest.
     *
     * @param lookedFor the names of those files
     */
    public FileSet build(VmDefinition definition, List<HostPath> lookedFor) {
        List<Problem> taken = lookedFor.stream()
                .filter(name -> open.reach(name).isPresent())
                .limit(1)
                .map(WayOut::ofOwnFile)
                .toList();
        return build(definition).with(taken);
    }

    /** The same for files that join a VM, whose runtime directory may have sockets of its helpers by now. */
    public FileSet buildJoining(VmDefinition definition) {
        return search(definition).joining().gather(definition);
    }

    private FileSearch search(VmDefinition definition) {
        ProgramFiles programs = new ProgramFiles(open, definition.programs());
        return new FileSearch(open, walker, systemFiles, serviceFiles.now(), rules, programs);
    }
}
