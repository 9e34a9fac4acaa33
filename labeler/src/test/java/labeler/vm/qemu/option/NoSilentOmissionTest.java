package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.vm.qemu.block.BlockDriver;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The installed qemu lists its options and devices. All must be in our tables. */
class NoSilentOmissionTest {
    @BeforeAll
    static void needsQemu() {
        InstalledQemu.require(InstalledQemu.QEMU);
    }

    @Test
    void every_option_that_qemu_knows_is_in_the_table() throws Exception {
        String help = InstalledQemu.ask("-help");
        Set<String> options = new TreeSet<>();
        Matcher matcher = Pattern.compile("(?m)^-{1,2}([A-Za-z][-A-Za-z0-9_]*)(?:/-([a-z]+))?(?: or -([a-z]+))?")
                .matcher(help);
        while (matcher.find()) {
            for (int group = 1; group <= 3; group++) {
                if (matcher.group(group) != null) {
                    options.add(matcher.group(group));
                }
            }
        }
        assertThat(options).hasSizeGreaterThan(100);
        assertThat(options)
                .allSatisfy(option ->
                        assertThat(OptionTable.option(option)).as(option).isPresent());
    }

    @Test
    void an_option_takes_an_argument_where_qemu_says_so() throws Exception {
        for (String flag : List.of("-S", "-snapshot", "-enable-kvm", "-daemonize", "-usb", "-perfmap", "-preconfig")) {
            assertThat(OptionTable.option(flag.substring(1)).orElseThrow().takesArgument())
                    .isFalse();
        }
        // qemu complains if an option that needs an argument is the last word.
        for (Option option : OptionTable.all()) {
            Process process = new ProcessBuilder(InstalledQemu.QEMU, "-M", "none", "-L", "help", "-" + option.name())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String answer =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            process.waitFor();
            if (answer.contains("invalid option") || answer.contains("not supported for this target")) {
                continue;
            }
            assertThat(answer.contains("requires an argument"))
                    .as(option.name() + ": " + answer)
                    .isEqualTo(option.takesArgument());
        }
    }

    @Test
    void every_directory_that_qemu_was_built_to_search_is_searched() throws Exception {
        List<String> directories = InstalledQemu.ask("-L", "help").lines().toList();
        assertThat(directories).isNotEmpty();
        assertThat(DataDirectories.BUILT_IN).containsAll(directories);
    }

    /** Files that no qemu loads from there, and what only -k or another option names. */
    private static final Set<String> NOT_BY_ITSELF =
            Set.of("keymaps", "firmware", "trace-events-all", "linux-user-vdso.tar.gz", "acpi-dsdt.aml");

    @Test
    void every_file_that_qemu_may_take_from_its_directories_is_known() throws Exception {
        List<String> files = new ArrayList<>();
        for (String directory : InstalledQemu.ask("-L", "help").lines().toList()) {
            if (Files.isDirectory(Path.of(directory))) {
                try (Stream<Path> entries = Files.list(Path.of(directory))) {
                    entries.map(entry -> entry.getFileName().toString())
                            .filter(name -> !NOT_BY_ITSELF.contains(name))
                            .forEach(files::add);
                }
            }
        }
        assertThat(files).hasSizeGreaterThan(20);
        assertThat(DataDirectories.LOOKED_FOR).containsAll(files);
    }

    @Test
    void every_object_type_is_known() throws Exception {
        List<String> types = InstalledQemu.ask("-object", "help")
                .lines()
                .skip(1)
                .map(String::strip)
                .toList();
        assertThat(types)
                .hasSizeGreaterThan(30)
                .allSatisfy(type -> assertThat(Objects.isKnown(type)).as(type).isTrue());
    }

    @Test
    void every_character_device_back_end_is_known() throws Exception {
        List<String> backends = InstalledQemu.ask("-chardev", "help")
                .lines()
                .skip(1)
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
        assertThat(backends).hasSizeGreaterThan(10);
        for (String backend : backends) {
            assertThat(ParsedOptions.parse("-chardev", backend + ",id=x,path=/p")
                            .problems())
                    .as(backend)
                    .isEmpty();
        }
    }

    @Test
    void every_network_back_end_is_known() throws Exception {
        List<String> backends = InstalledQemu.ask("-netdev", "help")
                .lines()
                .skip(1)
                .map(String::strip)
                // A switch is refused in any form.
                .filter(word -> word.matches("[-a-z0-9]+") && !word.equals("vde"))
                .toList();
        assertThat(backends).hasSizeGreaterThan(7);
        for (String backend : backends) {
            assertThat(ParsedOptions.parse("-netdev", backend + ",id=x,script=no,downscript=no")
                            .problems())
                    .as(backend)
                    .isEmpty();
        }
    }

    @Test
    void every_block_driver_is_known() throws Exception {
        JsonObject schema =
                answers(List.of("{\"execute\":\"query-qmp-schema\"}")).getFirst();
        List<String> drivers = schema.elements("return").stream()
                .map(JsonObject.class::cast)
                .filter(type -> type.text("meta-type").equals(java.util.Optional.of("enum")))
                .map(type -> type.elements("values").stream()
                        .flatMap(value -> value instanceof Json.JsonString(String text)
                                ? java.util.stream.Stream.of(text)
                                : java.util.stream.Stream.<String>of())
                        .toList())
                .filter(values -> values.contains("qcow2") && values.contains("host_device"))
                .findFirst()
                .orElseThrow();
        assertThat(drivers)
                .hasSizeGreaterThan(30)
                .allSatisfy(
                        driver -> assertThat(BlockDriver.of(driver)).as(driver).isPresent());
    }

    /** A text property can be a file name. Each one is either in the table, or was checked and listed here. */
    @Test
    void every_text_property_of_a_device_was_looked_at() throws Exception {
        Set<String> noFiles = Set.of(
                "addr",
                "audiodev",
                "backend",
                "cert1",
                "cert2",
                "cert3",
                "chardev",
                "chardev0",
                "chardev1",
                "chardev2",
                "chardev3",
                "chardev4",
                "chardev5",
                "chardev6",
                "chardev7",
                "desc",
                "device_id",
                "display",
                "drive",
                "duplex",
                "failover_pair_id",
                "fd",
                "fdp.ruhs",
                "filter",
                "fp_start_macaddr",
                "fsdev",
                "guid",
                "hba_serial",
                "host_ip",
                "hostport",
                "hv-vendor-id",
                "instanceid",
                "mac",
                "masterbus",
                "model-id",
                "netdev",
                "nguid",
                "nqn",
                "osk",
                "pci-type",
                "port",
                "tls-authz",
                "tls-creds",
                "tls-hostname",
                "tpmdev",
                "tx",
                "uuid",
                "vdev",
                "ver",
                "vf-token",
                "vhostfd",
                "world",
                "wwpn");
        List<String> types = answers(
                        List.of(
                                "{\"execute\":\"qom-list-types\",\"arguments\":{\"implements\":\"device\",\"abstract\":false}}"))
                .getFirst()
                .elements("return")
                .stream()
                .flatMap(type -> ((JsonObject) type).text("name").stream())
                .toList();
        List<String> questions = types.stream()
                .map(type -> "{\"execute\":\"device-list-properties\",\"arguments\":{\"typename\":\"" + type + "\"}}")
                .toList();
        Set<String> properties = answers(questions).stream()
                .flatMap(answer -> answer.elements("return").stream())
                .map(JsonObject.class::cast)
                .filter(property -> property.text("type")
                        .filter(type -> type.equals("str") || type.equals("string"))
                        .isPresent())
                .flatMap(property -> property.text("name").stream())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(properties).hasSizeGreaterThan(50);
        properties.removeAll(noFiles);
        assertThat(properties)
                .allSatisfy(property ->
                        assertThat(Devices.isListed(property)).as(property).isTrue());
    }

    private static List<JsonObject> answers(List<String> questions) throws IOException, InterruptedException {
        List<JsonObject> answers = new ArrayList<>();
        for (String line : InstalledQemu.qmp(questions)) {
            if (new JsonReader().read(line) instanceof JsonReader.Value(JsonObject object)) {
                answers.add(object);
            }
        }
        assertThat(answers).hasSameSizeAs(questions);
        return answers;
    }
}
