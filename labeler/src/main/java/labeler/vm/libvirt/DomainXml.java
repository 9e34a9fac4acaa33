package labeler.vm.libvirt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.problem.QuotedText;
import labeler.selinux.SecurityContext;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.VmDefinition.Acceleration;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * Reads a libvirt domain XML, and tells which files its qemu is going to use. Nothing is opened. An element that seems to
 * name a file and is not understood is a problem.
 */
public final class DomainXml {
    /** Where libvirt's qemu processes stand. */
    private static final HostPath WORKING_DIRECTORY = HostPath.of("/");

    /** Elements of a domain that are looked at below, or that name no file of qemu's. */
    private static final Set<String> UNDERSTOOD = Set.of(
            "name",
            "uuid",
            "genid",
            "hwuuid",
            "title",
            "description",
            "metadata",
            "maxMemory",
            "memory",
            "currentMemory",
            "memoryBacking",
            "memtune",
            "numatune",
            "vcpu",
            "vcpus",
            "iothreads",
            "iothreadids",
            "defaultiothread",
            "cputune",
            "resource",
            "cpu",
            "clock",
            "on_poweroff",
            "on_reboot",
            "on_crash",
            "on_lockfailure",
            "pm",
            "features",
            "blkiotune",
            "perf",
            "keywrap",
            "idmap",
            "throttlegroups",
            "seclabel",
            "os",
            "sysinfo",
            "devices",
            "launchSecurity",
            "qemu:commandline",
            "qemu:override",
            "qemu:capabilities",
            "qemu:deprecation");

    private DomainXml() {}

    /** The files that this definition names. */
    public static VmDefinition parse(byte[] xml) {
        return parse(xml, Optional.empty());
    }

    /**
     * The files of a domain that starts, by the XML that libvirt has made for it. The chains in it are what libvirt has
     * found in headers, but for those that the persistent definition declares.
     *
     * @param persistent that definition; empty for a transient domain
     */
    public static VmDefinition parseLive(byte[] xml, Optional<byte[]> persistent) {
        XmlElement none = new XmlElement("domain", Map.of(), List.of(), "");
        return parse(
                xml,
                Optional.of(persistent
                        .map(XmlReader::read)
                        .flatMap(read -> read instanceof XmlReader.Read(XmlElement root)
                                ? Optional.of(root)
                                : Optional.<XmlElement>empty())
                        .orElse(none)));
    }

    private static VmDefinition parse(byte[] xml, Optional<XmlElement> persistent) {
        DefinitionBuilder out = new DefinitionBuilder(WORKING_DIRECTORY);
        switch (XmlReader.read(xml)) {
            case XmlReader.NotXml(String message) ->
                out.malformed(new Origin("domain XML"), message + "; virsh dumpxml writes one that is");
            case XmlReader.Read(XmlElement root) -> {
                if (root.name().equals("domain")) {
                    domain(root, persistent, out);
                } else {
                    out.malformed(new Origin("domain XML"), "not a domain but " + QuotedText.of(root.name()));
                }
            }
        }
        return out.build();
    }

    private static void domain(XmlElement root, Optional<XmlElement> persistent, DefinitionBuilder out) {
        Domain domain = new Domain(out, root.child("uuid").map(XmlElement::text).orElse(""), persistent);
        switch (root.attribute("type").orElse("")) {
            case "kvm" -> out.acceleration(Acceleration.HARDWARE);
            case "qemu" -> out.acceleration(Acceleration.EMULATION);
            default ->
                out.notUnderstood(
                        new Origin("domain/@type"), "not a domain of qemu", "only types kvm and qemu are understood");
        }
        domain.refuseUnknown("domain", root, UNDERSTOOD);
        OperatingSystem operatingSystem = new OperatingSystem(domain);
        root.child("os").ifPresent(operatingSystem::os);
        root.all("sysinfo").forEach(operatingSystem::sysinfo);
        root.child("memoryBacking").ifPresent(backing -> memoryBacking(backing, domain));
        root.child("launchSecurity").ifPresent(security -> launchSecurity(security, domain));
        root.child("devices").ifPresent(devices -> new Devices(domain).devices(devices));
        root.all("seclabel").forEach(label -> seclabel(label, out));
        root.child("qemu:commandline").ifPresent(line -> commandLine(line, out));
        root.child("qemu:override").ifPresent(override -> override(override, out));
    }

    private static void memoryBacking(XmlElement backing, Domain domain) {
        Origin origin = new Origin("memoryBacking");
        if (backing.child("source").filter(source -> source.has("type", "file")).isPresent()) {
            domain.out()
                    .notUnderstood(
                            origin,
                            "guest memory in files, whose directory only libvirt's configuration tells",
                            "use <source type='memfd'/>");
        }
        if (backing.hasChild("hugepages")) {
            domain.madeElsewhere(
                    origin,
                    FileRole.MEMORY,
                    "/dev/hugepages",
                    "libvirt makes a directory there for the VM, and qemu its nameless files");
        }
    }

    private static void launchSecurity(XmlElement security, Domain domain) {
        Origin origin = new Origin("launchSecurity");
        security.childAttribute("quoteGenerationService", "path")
                .ifPresent(path -> domain.file(origin, FileRole.SOCKET, path, UseAccess.READ_WRITE));
        if (security.hasChild("dhCert") || security.hasChild("session")) {
            domain.out()
                    .notUnderstood(
                            origin,
                            "an SEV session, which libvirt writes into files for qemu",
                            "start it without dhCert and session");
        }
    }

    /** Labels of other security models are not ours. */
    private static void seclabel(XmlElement seclabel, DefinitionBuilder out) {
        if (!Domain.isOfSelinux(seclabel)) {
            return;
        }
        Origin origin = new Origin("seclabel");
        Optional<String> label =
                seclabel.child("label").map(element -> element.text().strip());
        boolean isStatic = seclabel.has("type", "static");
        // libvirt's formatdomain: relabel is always on for a dynamic label, and off for a static one unless it says so.
        String relabel = seclabel.attribute("relabel").orElse(isStatic ? "no" : "yes");
        if (seclabel.has("type", "none")) {
            out.notUnderstood(
                    origin,
                    "the domain asks for no label (type='none'), and nothing would confine it",
                    "leave out that seclabel, or start the VM without labeler");
        } else if (!relabel.equals("yes")) {
            out.notUnderstood(
                    origin,
                    "the domain asks that its files keep their labels (relabel='no'"
                            + (isStatic ? ", which a static label means by itself)" : ")"),
                    "say relabel='yes', or start the VM without labeler");
        } else if (label.isPresent()) {
            SecurityContext.parse(label.get())
                    .ifPresentOrElse(
                            out::processContext,
                            () -> out.malformed(origin, "not a security context: " + QuotedText.of(label.get())));
        } else if (seclabel.hasChild("baselabel")) {
            out.notUnderstood(
                    origin,
                    "a type of process of its own (baselabel) is not supported yet",
                    "leave out the baselabel, or give the XML of the started VM");
        } else if (isStatic) {
            out.malformed(origin, "a static label needs its <label>");
        }
    }

    private static void commandLine(XmlElement line, DefinitionBuilder out) {
        List<byte[]> arguments = new ArrayList<>();
        for (XmlElement argument : line.all("qemu:arg")) {
            arguments.add(Domain.bytes(argument.attribute("value").orElse("")));
        }
        QemuCommandLine.declareArguments(arguments, "qemu:commandline ", out);
        for (XmlElement variable : line.all("qemu:env")) {
            if (variable.attribute("value").orElse("").contains("/")) {
                out.notUnderstood(
                        new Origin("qemu:commandline/env[@name="
                                + QuotedText.of(variable.attribute("name").orElse("")) + "]"),
                        "it seems to name a file, and is not understood",
                        "leave it out of the domain");
            }
        }
    }

    private static void override(XmlElement override, DefinitionBuilder out) {
        for (XmlElement device : override.all("qemu:device")) {
            for (XmlElement frontend : device.all("qemu:frontend")) {
                for (XmlElement property : frontend.all("qemu:property")) {
                    String name = property.attribute("name").orElse("");
                    String value = property.attribute("value").orElse("");
                    if (QemuCommandLine.mayNameFile(name, value)) {
                        out.notUnderstood(
                                new Origin("qemu:override/device[@alias="
                                        + QuotedText.of(
                                                device.attribute("alias").orElse(""))
                                        + "]"),
                                "changes " + QuotedText.of(name) + ", which may name a file",
                                "leave the property out");
                    }
                }
            }
        }
    }
}
