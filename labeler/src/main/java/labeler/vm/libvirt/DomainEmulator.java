package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * The program that libvirt starts for a domain. It can be exchanged in the domain's XML, of which nothing else changes,
 * not even what labeler does not know.
 */
public final class DomainEmulator {
    private static final String DEVICES = "devices";
    private static final String EMULATOR = "emulator";
    private static final String NAMES = "/emulators/";

    private final byte[] xml;
    private final XmlElement root;
    private final String domain;
    private final String path;

    private DomainEmulator(byte[] xml, XmlElement root, String domain, String path) {
        this.xml = xml;
        this.root = root;
        this.domain = domain;
        this.path = path;
    }

    /** Empty if this is no domain that names its emulator; libvirt always writes it. */
    public static Optional<DomainEmulator> parse(byte[] xml) {
        return switch (XmlReader.read(xml)) {
            case XmlReader.NotXml _ -> Optional.empty();
            case XmlReader.Read(XmlElement root)
            when root.name().equals("domain") ->
                root.value("name")
                        .flatMap(name -> root.value(DEVICES + "/" + EMULATOR)
                                .map(path -> new DomainEmulator(xml, root, name, path)));
            case XmlReader.Read _ -> Optional.empty();
        };
    }

    /** Whether a domain adds arguments of its own to those that libvirt makes for its emulator. */
    public static boolean hasOwnArguments(byte[] xml) {
        return XmlReader.read(xml) instanceof XmlReader.Read(XmlElement root) && root.hasChild("qemu:commandline");
    }

    /** Whether libvirt starts labeler-emulator for a domain, which knows by the same part of its name what it stands for. */
    public static boolean isLabelers(byte[] xml) {
        return parse(xml).filter(emulator -> emulator.path.contains(NAMES)).isPresent();
    }

    /** The domain's name. */
    public String domain() {
        return domain;
    }

    public String path() {
        return path;
    }

    /**
     * The XML with another emulator. Its text may stand elsewhere too, in somebody's metadata. So each place is tried,
     * and only the one counts that changes the emulator and nothing else.
     */
    public Optional<byte[]> with(HostPath other) {
        Optional<String> name = other.utf8();
        if (name.isEmpty()) {
            return Optional.empty();
        }
        String text = new String(xml, StandardCharsets.UTF_8);
        String found = element(path);
        XmlElement wanted = exchanged(name.get());
        for (int at = text.indexOf(found); at >= 0; at = text.indexOf(found, at + 1)) {
            byte[] changed = (text.substring(0, at) + element(name.get()) + text.substring(at + found.length()))
                    .getBytes(StandardCharsets.UTF_8);
            if (XmlReader.read(changed) instanceof XmlReader.Read(XmlElement read) && read.equals(wanted)) {
                return Optional.of(changed);
            }
        }
        return Optional.empty();
    }

    private static String element(String text) {
        return "<" + EMULATOR + ">"
                + text.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\"", "&quot;")
                        .replace("'", "&apos;")
                + "</" + EMULATOR + ">";
    }

    private XmlElement exchanged(String name) {
        XmlElement devices = root.child(DEVICES).orElseThrow();
        XmlElement emulator = devices.child(EMULATOR).orElseThrow();
        XmlElement changed = new XmlElement(EMULATOR, emulator.attributes(), emulator.children(), name);
        return with(root, devices, with(devices, emulator, changed));
    }

    /** The parent with another child in the place of this one, and of all that are like it. */
    private static XmlElement with(XmlElement parent, XmlElement one, XmlElement other) {
        List<XmlElement> children = parent.children().stream()
                .map(child -> child.equals(one) ? other : child)
                .toList();
        return new XmlElement(parent.name(), parent.attributes(), children, parent.text());
    }
}
