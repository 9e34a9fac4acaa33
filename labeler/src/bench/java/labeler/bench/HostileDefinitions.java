package labeler.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes definitions of VMs that are made to cost the service time or memory, as bodies of requests for a plan:
 * {@code HostileDefinitions DIRECTORY}. Most are as long as a request may be.
 */
public final class HostileDefinitions {
    /** A little less than the longest XML that the service reads, and than the longest body. */
    private static final int LONGEST = (4 << 20) - (64 << 10);

    /** As many files as one definition may have, and a little less than the most elements and arguments. */
    private static final int MOST_FILES = 2048;

    private static final int MOST_ELEMENTS = 40_900;
    private static final int MOST_ARGUMENTS = 8_100;

    private HostileDefinitions() {}

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        for (Map.Entry<String, String> xml : domains().entrySet()) {
            write(directory.resolve("xml-" + xml.getKey()), "{\"name\":\"hostile\",\"domainXml\":" + quoted(xml.getValue()) + "}");
        }
        for (Map.Entry<String, String> line : commandLines().entrySet()) {
            write(
                    directory.resolve("argv-" + line.getKey()),
                    "{\"name\":\"hostile\",\"argv\":[\"qemu-system-x86_64\"," + line.getValue() + "],\"workingDirectory\":\"/\"}");
        }
    }

    private static void write(Path file, String body) throws IOException {
        Files.writeString(file.resolveSibling(file.getFileName() + ".json"), body);
    }

    private static Map<String, String> domains() {
        Map<String, String> domains = new LinkedHashMap<>();
        domains.put("laughs", laughs());
        domains.put("external-entity", "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain><name>&x;</name></domain>");
        domains.put("deep", "<domain>" + repeat("<a>", LONGEST / 3));
        domains.put("deep-stores", domain(repeat("<backingStore type='file'><source file='/a'/>", LONGEST / 50)));
        domains.put("long-attribute", "<domain a='" + repeat("b", LONGEST) + "'/>");
        domains.put("many-attributes", "<domain " + numbered(LONGEST, " a%d=''") + "/>");
        domains.put("equal-disks", domain(repeat("<disk type='file'><source file='/a'/></disk>", LONGEST)));
        String disk = "<disk type='file'><source file='/a%d'/><target dev='v%d'/></disk>";
        String console = "<console type='file'><source path='/a%d'/></console>";
        String unknown = "<x file='/a%d'/>";
        domains.put("disks", domain(numbered(LONGEST, disk)));
        domains.put("most-disks", domain(counted(MOST_FILES, disk)));
        domains.put("consoles", domain(numbered(LONGEST, console)));
        domains.put("most-consoles", domain(counted(MOST_FILES, console)));
        domains.put("unknown", domain(numbered(LONGEST, unknown)));
        domains.put("most-unknown", domain(counted(MOST_ELEMENTS, unknown)));
        domains.put("arguments", "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:commandline>"
                + repeat("<qemu:arg value='-drive'/><qemu:arg value='file=/a'/>", LONGEST) + "</qemu:commandline></domain>");
        return domains;
    }

    private static Map<String, String> commandLines() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("deep-json", "\"-blockdev\"," + quoted(repeat("{\"file\":", LONGEST / 3)));
        lines.put("deep-keys", "\"-blockdev\"," + quoted(repeat("file.", LONGEST) + "driver=raw"));
        lines.put("many-keys", "\"-drive\"," + quoted(numbered(LONGEST, "a%d=b,")));
        lines.put("monitors", "\"-serial\"," + quoted(repeat("mon:", LONGEST)));
        lines.put("tables", "\"-acpitable\"," + quoted("file=" + repeat(":", LONGEST)));
        String drive = "\"-drive\",\"file=/a%d,format=raw\",";
        String node = "\"-blockdev\",\"driver=raw,node-name=n%d,file=n%d\",";
        lines.put("drives", numbered(LONGEST, drive) + "\"-S\"");
        lines.put("most-drives", counted(MOST_FILES, drive) + "\"-S\"");
        lines.put("nodes", numbered(LONGEST, node) + "\"-S\"");
        lines.put("most-nodes", counted(MOST_ARGUMENTS / 2, node) + "\"-S\"");
        lines.put("chain-of-nodes", chainOfNodes(MOST_ARGUMENTS / 2) + "\"-S\"");
        lines.put("empty", repeat("\"\",", LONGEST) + "\"\"");
        return lines;
    }

    private static String chainOfNodes(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> "\"-blockdev\",\"driver=raw,node-name=n" + number + ",file=n" + (number + 1) + "\",")
                .collect(Collectors.joining());
    }

    private static String laughs() {
        String entities = IntStream.range(1, 30)
                .mapToObj(i -> "<!ENTITY a" + i + " '&a" + (i - 1) + ";&a" + (i - 1) + ";'>")
                .collect(Collectors.joining());
        return "<!DOCTYPE d [<!ENTITY a0 'ha'>" + entities + "]><domain><name>&a29;</name></domain>";
    }

    private static String domain(String devices) {
        return "<domain type='kvm'><name>hostile</name><devices>" + devices + "</devices></domain>";
    }

    /** As often as it fits. */
    private static String repeat(String text, int length) {
        return text.repeat(Math.max(1, length / text.length()));
    }

    /** The same, with a number in each. */
    private static String numbered(int length, String form) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() + form.length() + 20 < length; i++) {
            text.append(form.replace("%d", Integer.toString(i)));
        }
        return text.toString();
    }

    /** So many, with a number in each. */
    private static String counted(int count, String form) {
        return IntStream.range(0, count)
                .mapToObj(number -> form.replace("%d", Integer.toString(number)))
                .collect(Collectors.joining());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
