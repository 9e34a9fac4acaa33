package labeler.api;

import java.util.List;
import labeler.linux.HostPath;
import labeler.vm.VmDefinition;

/** How VM definitions are read; neither throws for what they say. */
public interface Definitions {
    /** A libvirt domain XML, in its own encoding. */
    VmDefinition domainXml(byte[] xml);

    /**
     * A qemu command line.
     *
     * @param argv with the program's name first
     * @param workingDirectory of the process, which relative paths start from
     */
    VmDefinition commandLine(List<byte[]> argv, HostPath workingDirectory);
}
