package labeler.vm.qemu.option;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For any use of a file by a VM, another VM's disk is a conflict. Another user's link is refused, and so is a file that
 * is not regular. Enumerated over every kind of use, and over every option that declares one.
 */
class EveryUseTest {
    static final String NAME = "NAME";
    private static final Origin ORIGIN = new Origin("test");

    /** Uses without a file of that name: a directory for nameless files, and files that other programs make. */
    private static final Set<Making> WITHOUT_FILE = EnumSet.of(Making.NAMELESS, Making.ELSEWHERE);

    /** Each option that names files, in all its forms. NAME is the file. */
    static final Map<String, List<String>> OPTIONS = Map.ofEntries(
            entry(
                    "drive",
                    List.of(
                            "file=NAME,format=raw,if=none,id=d",
                            "file=NAME,format=raw,if=none,readonly=on",
                            "file=nbd:unix:NAME,format=raw")),
            entry(
                    "blockdev",
                    List.of(
                            "driver=file,node-name=n,filename=NAME",
                            "driver=virtio-blk-vhost-user,node-name=n,path=NAME",
                            "driver=virtio-blk-vhost-vdpa,node-name=n,path=NAME",
                            "driver=nvme-io_uring,node-name=n,path=NAME")),
            entry("hda", List.of(NAME)),
            entry("hdb", List.of(NAME)),
            entry("hdc", List.of(NAME)),
            entry("hdd", List.of(NAME)),
            entry("cdrom", List.of(NAME)),
            entry("fda", List.of(NAME)),
            entry("fdb", List.of(NAME)),
            entry("mtdblock", List.of(NAME)),
            entry("sd", List.of(NAME)),
            entry("pflash", List.of(NAME)),
            entry("kernel", List.of(NAME)),
            entry("initrd", List.of(NAME)),
            entry("shim", List.of(NAME)),
            entry("dtb", List.of(NAME)),
            entry("bios", List.of(NAME)),
            entry("option-rom", List.of(NAME, "romfile=NAME")),
            entry("boot", List.of("splash=NAME")),
            entry("fw_cfg", List.of("name=opt/x,file=NAME")),
            entry("smbios", List.of("file=NAME", "type=11,path=NAME")),
            entry("acpitable", List.of("file=NAME", "sig=TEST,data=NAME", "NAME", "NAME,sig=TEST")),
            entry(
                    "machine",
                    List.of(
                            "pc,kernel=NAME",
                            "pc,initrd=NAME",
                            "virt,dtb=NAME",
                            "pc,firmware=NAME",
                            "virt,dumpdtb=NAME",
                            "pc,shim=NAME",
                            "pc,boot.splash=NAME")),
            entry("M", List.of("pc,kernel=NAME")),
            entry("accel", List.of("kvm,device=NAME", "kvm,rapl-helper-socket=NAME")),
            entry(
                    "object",
                    List.of(
                            "memory-backend-file,id=m,size=1M,mem-path=NAME",
                            "memory-backend-file,id=m,size=1M,mem-path=NAME,readonly=on",
                            "dbus-vmstate,id=d,addr=unix:path=NAME",
                            "rng-random,id=r,filename=NAME",
                            "secret,id=s,file=NAME",
                            "sev-guest,id=s,sev-device=NAME",
                            "sev-guest,id=s,sev-device=/dev/null,dh-cert-file=NAME",
                            "sev-guest,id=s,sev-device=/dev/null,session-file=NAME",
                            "sev-snp-guest,id=s,sev-device=NAME",
                            "tdx-guest,id=t,quote-generation-socket.path=NAME",
                            "igvm-cfg,id=i,file=NAME",
                            "authz-list-file,id=a,filename=NAME",
                            "input-linux,id=i,evdev=NAME",
                            "filter-dump,id=f,netdev=n,file=NAME",
                            "qtest,id=q,log=NAME",
                            "pr-manager-helper,id=p,path=NAME",
                            "x-vfio-user-server,id=v,type=unix,socket.path=NAME")),
            entry("mem-path", List.of(NAME)),
            entry("incoming", List.of("file:NAME", "unix:NAME")),
            entry("pidfile", List.of(NAME)),
            entry(
                    "chardev",
                    List.of(
                            "file,id=c,path=NAME",
                            "file,id=c,path=/vm/free,input-path=NAME",
                            "null,id=c,logfile=NAME",
                            "pipe,id=c,path=NAME",
                            "serial,id=c,path=NAME",
                            "tty,id=c,path=NAME",
                            "parallel,id=c,path=NAME",
                            "parport,id=c,path=NAME",
                            "pty,id=c,path=NAME",
                            "socket,id=c,path=NAME",
                            "socket,id=c,path=NAME,server=on,wait=off")),
            entry(
                    "serial",
                    List.of("file:NAME", "pipe:NAME", "pty:NAME", "unix:NAME", "unix:NAME,server=on", "mon:file:NAME")),
            entry("parallel", List.of("file:NAME", "unix:NAME,server=on")),
            entry("monitor", List.of("unix:NAME,server=on", "file:NAME")),
            entry("qmp", List.of("unix:NAME,server=on", "file:NAME")),
            entry("qmp-pretty", List.of("unix:NAME,server=on")),
            entry("gdb", List.of("unix:NAME,server=on", "file:NAME")),
            entry("debugcon", List.of("file:NAME", "unix:NAME,server=on")),
            entry(
                    "device",
                    List.of(
                            "virtio-net-pci,romfile=NAME",
                            "loader,file=NAME",
                            "guest-loader,kernel=NAME",
                            "guest-loader,initrd=NAME",
                            "cxl-type3,cdat=NAME",
                            "ipmi-bmc-sim,frudatafile=NAME",
                            "ipmi-bmc-sim,sdrfile=NAME",
                            "uefi-vars-x64,jsonfile=NAME",
                            "usb-kbd,pcap=NAME",
                            "virtio-input-host-pci,evdev=NAME",
                            "u2f-passthru,hidraw=NAME",
                            "usb-host,hostdevice=NAME",
                            "spapr-tpm-proxy,host-path=NAME",
                            "vhost-vdpa-device-pci,vhostdev=NAME")),
            entry(
                    "netdev",
                    List.of(
                            "stream,id=n,server=on,addr.type=unix,addr.path=NAME",
                            "stream,id=n,addr.type=unix,addr.path=NAME",
                            "dgram,id=n,local.type=unix,local.path=NAME",
                            "dgram,id=n,remote.type=unix,remote.path=NAME",
                            "vhost-vdpa,id=n,vhostdev=NAME")),
            entry("nic", List.of("stream,server=on,addr.type=unix,addr.path=NAME")),
            entry("net", List.of("stream,server=on,addr.type=unix,addr.path=NAME")),
            entry(
                    "tpmdev",
                    List.of(
                            "passthrough,id=t,path=NAME,cancel-path=/dev/null",
                            "passthrough,id=t,path=/dev/null,cancel-path=NAME")),
            entry(
                    "audiodev",
                    List.of(
                            "wav,id=a,path=NAME",
                            "oss,id=a,in.dev=NAME",
                            "oss,id=a,out.dev=NAME",
                            "pa,id=a,server=unix:NAME")),
            entry("audio", List.of("wav,path=NAME")),
            entry("display", List.of("vnc=unix:NAME", "egl-headless,rendernode=NAME", "dbus,addr=unix:path=NAME")),
            entry("fsdev", List.of("proxy,id=f,socket=NAME")),
            entry("virtfs", List.of("proxy,socket=NAME,mount_tag=x")),
            entry("global", List.of("virtio-net-pci.romfile=NAME")),
            entry("set", List.of("device.x.romfile=NAME")),
            entry("vnc", List.of("unix:NAME", "none,websocket=unix:NAME", "unix:NAME,reverse=on")),
            entry(
                    "spice",
                    List.of(
                            "unix=on,addr=NAME",
                            "x509-key-file=NAME",
                            "x509-cert-file=NAME",
                            "x509-cacert-file=NAME",
                            "x509-dh-key-file=NAME",
                            "rendernode=NAME")),
            entry("D", List.of(NAME)),
            entry("dump-vmstate", List.of(NAME)),
            entry("trace", List.of("file=NAME", "events=NAME")),
            entry("icount", List.of("shift=7,rr=record,rrfile=NAME", "shift=7,rr=replay,rrfile=NAME")));

    private final JudgedUses host = new JudgedUses();

    static Stream<DeclaredUse> uses(List<HostPath> paths, Set<Making> without) {
        List<DeclaredUse> uses = new ArrayList<>();
        for (HostPath path : paths) {
            for (FileRole role : FileRole.values()) {
                for (UseAccess access : UseAccess.values()) {
                    uses.add(new DeclaredUse.FileUse(ORIGIN, role, path, access));
                    uses.add(new DeclaredUse.SearchedUse(ORIGIN, role, List.of(HostPath.of("/absent"), path), access));
                    uses.add(new DeclaredUse.OptionalUse(ORIGIN, role, path, access));
                }
                for (Access access : Access.values()) {
                    uses.add(new DeclaredUse.ImageUse(ORIGIN, role, image(path, access), false));
                    uses.add(new DeclaredUse.ImageUse(ORIGIN, role, image(path, access), true));
                    uses.add(new DeclaredUse.ImageUse(ORIGIN, role, image(path, access), false, true));
                }
                for (Making making : Making.values()) {
                    if (!without.contains(making)) {
                        uses.add(new DeclaredUse.MadeByQemu(ORIGIN, role, path, making, "qemu makes it"));
                    }
                }
            }
        }
        return uses.stream();
    }

    private static ImageRequest image(HostPath path, Access access) {
        return new ImageRequest(
                FileName.of(path.bytes()),
                new ImageRequest.Declared(ImageFormat.RAW),
                access,
                new ImageRequest.NoBacking(),
                new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage()));
    }

    @Test
    void no_kind_of_use_gets_what_is_another_vms_another_users_or_no_file() {
        assertThat(uses(JudgedUses.FORBIDDEN, WITHOUT_FILE))
                .allSatisfy(use -> assertRefused(use.toString(), host.problems(definition(use))));
    }

    private static VmDefinition definition(DeclaredUse use) {
        return new VmDefinition(
                List.of(use), List.of(), Optional.empty(), VmDefinition.Acceleration.HARDWARE, List.of());
    }

    @Test
    void no_kind_of_use_gets_a_file_of_the_service() {
        assertThat(uses(JudgedUses.SERVICES, EnumSet.of(Making.NAMELESS)))
                .allSatisfy(use -> assertThat(host.problems(definition(use)))
                        .as(use.toString())
                        .extracting(Problem::kind)
                        .containsExactly(Problem.Kind.SERVICE_FILE));
    }

    @Test
    void no_tree_is_what_is_no_directory_or_has_files_of_the_service() {
        for (UseAccess access : UseAccess.values()) {
            for (HostPath path : JudgedUses.FORBIDDEN) {
                DeclaredUse tree = new DeclaredUse.TreeUse(ORIGIN, FileRole.TREE, path, access);
                assertThat(host.problems(definition(tree))).as(tree.toString()).isNotEmpty();
            }
            for (HostPath path : List.of(JudgedUses.JOURNAL, JudgedUses.SETTINGS, JudgedUses.PROGRAM)) {
                DeclaredUse tree = new DeclaredUse.TreeUse(ORIGIN, FileRole.TREE, path.parent(), access);
                assertThat(host.problems(definition(tree)))
                        .as(tree.toString())
                        .extracting(Problem::kind)
                        .containsExactly(Problem.Kind.SERVICE_FILE);
            }
        }
    }

    @Test
    void nothing_is_made_among_the_files_of_the_service() {
        for (String path : List.of("/service/state/new", "/service/run/new", "/service/run/vms/new")) {
            for (Making making : EnumSet.complementOf(EnumSet.of(Making.NAMELESS))) {
                DeclaredUse made = new DeclaredUse.MadeByQemu(
                        ORIGIN, FileRole.PID_FILE, HostPath.of(path), making, "qemu makes it");
                assertThat(host.problems(definition(made)))
                        .as(made.toString())
                        .extracting(Problem::kind)
                        .containsExactly(Problem.Kind.SERVICE_FILE);
            }
            DeclaredUse log = new DeclaredUse.FileUse(ORIGIN, FileRole.LOG, HostPath.of(path), UseAccess.CREATE);
            assertThat(host.problems(definition(log)))
                    .extracting(Problem::kind)
                    .containsExactly(Problem.Kind.SERVICE_FILE);
        }
        DeclaredUse nameless = new DeclaredUse.MadeByQemu(
                ORIGIN, FileRole.MEMORY, HostPath.of("/service/state"), Making.NAMELESS, "qemu makes it");
        assertThat(host.problems(definition(nameless)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.SERVICE_FILE);
    }

    @Test
    void a_vms_runtime_directory_is_the_vms() {
        HostPath pid = HostPath.of("/service/run/vms/web1/pid");
        for (Making making : EnumSet.complementOf(EnumSet.of(Making.NAMELESS))) {
            assertThat(host.problems(definition(
                            new DeclaredUse.MadeByQemu(ORIGIN, FileRole.PID_FILE, pid, making, "qemu makes it"))))
                    .isEmpty();
        }
        assertThat(host.problems(definition(new DeclaredUse.MadeByQemu(
                        ORIGIN, FileRole.MEMORY, pid.parent(), Making.NAMELESS, "qemu makes it"))))
                .isEmpty();
        // This path leads out of the directory again.
        HostPath out = HostPath.of("/service/run/vms/web1/../../labelerd.lock");
        assertThat(host.problems(definition(new DeclaredUse.FileUse(ORIGIN, FileRole.LOG, out, UseAccess.CREATE))))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.SERVICE_FILE);
    }

    private static void assertRefused(String what, List<Problem> problems) {
        assertThat(problems).as(what).isNotEmpty();
        assertThat(problems)
                .as(what)
                .allSatisfy(problem -> assertThat(problem.kind()).isIn(Problem.Kind.IN_USE, Problem.Kind.NOT_A_FILE));
    }

    static Stream<String> options() {
        return OPTIONS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("options")
    void no_option_gets_what_is_another_vms_another_users_the_services_or_no_file(String option) {
        for (String template : OPTIONS.getOrDefault(option, List.of())) {
            for (HostPath path : JudgedUses.FORBIDDEN) {
                String argument = template.replace(NAME, path.toString());
                VmDefinition definition = ParsedOptions.parse("-" + option, argument);
                assertThat(definition.problems()).as(argument).isEmpty();
                assertRefused("-" + option + " " + argument, host.problems(definition));
            }
            for (HostPath path : JudgedUses.SERVICES) {
                String argument = template.replace(NAME, path.toString());
                assertThat(host.problems(ParsedOptions.parse("-" + option, argument)))
                        .as("-" + option + " " + argument)
                        .extracting(Problem::kind)
                        .contains(Problem.Kind.SERVICE_FILE);
            }
        }
    }

    @Test
    void every_option_that_is_not_among_them_declares_no_file() {
        Set<String> declaring = OptionTable.all().stream()
                .map(Option::name)
                .filter(name -> !OPTIONS.containsKey(name))
                .filter(EveryUseTest::declaresAnything)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(declaring).isEmpty();
    }

    private static boolean declaresAnything(String option) {
        return Stream.of("/vm/free", "x,file=/vm/free", "x,path=/vm/free", "unix:/vm/free", "file:/vm/free")
                .anyMatch(argument -> !ParsedOptions.parse("-" + option, argument).uses().stream()
                        .filter(use -> use.origin().text().contains("-" + option))
                        .toList()
                        .isEmpty());
    }

    @Test
    void a_name_that_is_free_may_be_made() {
        assertThat(host.problems(ParsedOptions.parse("-pidfile", "/vm/free", "-serial", "unix:/vm/socket,server=on")))
                .isEmpty();
    }
}
