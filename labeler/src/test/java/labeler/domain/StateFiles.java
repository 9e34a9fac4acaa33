package labeler.domain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import labeler.leftover.LibvirtFiles;

/** The directory in which libvirt keeps the states of running domains, written as libvirt writes it. */
record StateFiles(Path running, Path definitions) {
    static StateFiles below(Path root) throws IOException {
        return new StateFiles(
                Files.createDirectories(root.resolve("running")), Files.createDirectories(root.resolve("defined")));
    }

    LibvirtFiles files() {
        return new LibvirtFiles(definitions, running);
    }

    /** A new file takes the name of the last one. */
    void write(String domain, String... devices) throws IOException {
        Path fresh = running.resolve(domain + ".xml.new");
        Files.writeString(fresh, state(domain, List.of(devices)));
        Files.move(fresh, running.resolve(domain + ".xml"), StandardCopyOption.ATOMIC_MOVE);
    }

    void remove(String domain) throws IOException {
        Files.delete(running.resolve(domain + ".xml"));
    }

    /** The state of a running domain with these devices. */
    static String state(String domain, List<String> devices) {
        return "<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE.\n-->\n\n"
                + "<domstatus state='running' reason='booted' pid='4711'>\n"
                + "<monitor path='/var/lib/libvirt/qemu/domain-1-web/monitor.sock' type='unix'/>\n"
                + "<domain type='qemu' id='1'><name>" + domain + "</name>"
                + "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
                + "<devices>" + String.join("", devices) + "</devices>"
                + "</domain></domstatus>\n";
    }

    /** A disk of raw format. */
    static String disk(String target, Path file) {
        return layers(target, "raw", file, "<backingStore/>");
    }

    /** A disk with one layer below it, which libvirt has found in the header. */
    static String overlay(String target, Path top, Path base) {
        return layers(
                target,
                "qcow2",
                top,
                "<backingStore type='file' index='2'><format type='raw'/><source file='" + base
                        + "'><privateData><nodenames/></privateData></source><backingStore/></backingStore>");
    }

    /** A disk of qcow2 format. */
    static String image(String target, Path file, String below) {
        return layers(target, "qcow2", file, below);
    }

    /** A layer that libvirt has found in a header, and those below it. */
    static String below(String format, Path file, String next) {
        return "<backingStore type='file' index='2'><format type='" + format + "'/><source file='" + file + "'/>" + next
                + "</backingStore>";
    }

    /** An empty drive. */
    static String drive(String target) {
        return "<disk type='file' device='cdrom'><target dev='" + target + "' bus='sata'/><readonly/></disk>";
    }

    private static String layers(String target, String format, Path file, String below) {
        return "<disk type='file' device='disk'><driver name='qemu' type='" + format + "'/><source file='" + file
                + "' index='1'><privateData><nodenames><nodename type='storage' name='libvirt-1-storage'/></nodenames>"
                + "</privateData></source>" + below + "<target dev='" + target + "' bus='virtio'/>"
                + "<privateData><qom name='/machine/peripheral/virtio-disk0/virtio-backend'/></privateData></disk>";
    }
}
