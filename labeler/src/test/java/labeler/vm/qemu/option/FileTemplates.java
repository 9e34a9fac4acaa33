package labeler.vm.qemu.option;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;

/**
 * Options that name files, for {@link EveryUseTest} and the page about options. {@link EveryKeyTest} finds each key that has no
 * template here.
 */
final class FileTemplates {
    static final String NAME = "NAME";

    /** Each option that names files, in all its forms. NAME is the file. */
    static final Map<String, List<String>> OPTIONS = Map.ofEntries(
            entry(
                    "drive",
                    List.of(
                            "file=NAME,format=raw,if=none,id=d",
                            "file=NAME,format=raw,if=none,readonly=on",
                            "file=nbd:unix:NAME,format=raw",
                            "file=rbd:pool/image:conf=NAME,format=raw",
                            "file=rbd:pool/image:keyring=NAME,format=raw",
                            "file=rbd:pool/image:keyfile=NAME,format=raw")),
            entry(
                    "blockdev",
                    List.of(
                            "driver=file,node-name=n,filename=NAME",
                            "driver=virtio-blk-vhost-user,node-name=n,path=NAME",
                            "driver=virtio-blk-vhost-vdpa,node-name=n,path=NAME",
                            "driver=nvme-io_uring,node-name=n,path=NAME",
                            "driver=blkdebug,node-name=n,image.driver=null-co,config=NAME",
                            "driver=blkreplay,node-name=n,image.driver=null-co,config=NAME",
                            "driver=host_device,node-name=n,filename=NAME",
                            "driver=host_cdrom,node-name=n,filename=NAME",
                            "driver=nbd,node-name=n,server.type=unix,server.path=NAME",
                            "driver=nbd,node-name=n,path=NAME",
                            "driver=rbd,node-name=n,pool=p,image=i,conf=NAME",
                            "driver=gluster,node-name=n,volume=v,path=p,server.0.type=unix,server.0.path=NAME",
                            "driver=gluster,node-name=n,volume=v,path=p,server.type=unix,server.path=NAME",
                            "driver=gluster,node-name=n,volume=v,path=p,logfile=NAME")),
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
            entry(
                    "M",
                    List.of(
                            "pc,kernel=NAME",
                            "pc,initrd=NAME",
                            "virt,dtb=NAME",
                            "pc,firmware=NAME",
                            "virt,dumpdtb=NAME",
                            "pc,shim=NAME",
                            "pc,boot.splash=NAME")),
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
                    List.of(
                            "file:NAME",
                            "pipe:NAME",
                            "pty:NAME",
                            "unix:NAME",
                            "unix:NAME,server=on",
                            "mon:file:NAME",
                            "unix:/vm/socket,server=on,logfile=NAME")),
            entry("parallel", List.of("file:NAME", "unix:NAME,server=on", "unix:/vm/socket,server=on,logfile=NAME")),
            entry("monitor", List.of("unix:NAME,server=on", "file:NAME", "unix:/vm/socket,server=on,logfile=NAME")),
            entry("qmp", List.of("unix:NAME,server=on", "file:NAME", "unix:/vm/socket,server=on,logfile=NAME")),
            entry("qmp-pretty", List.of("unix:NAME,server=on", "unix:/vm/socket,server=on,logfile=NAME")),
            entry("gdb", List.of("unix:NAME,server=on", "file:NAME", "unix:/vm/socket,server=on,logfile=NAME")),
            entry("debugcon", List.of("file:NAME", "unix:NAME,server=on", "unix:/vm/socket,server=on,logfile=NAME")),
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
                            "vhost-vdpa-device-pci,vhostdev=NAME",
                            "u2f-emulated,cert=NAME",
                            "u2f-emulated,privkey=NAME",
                            "u2f-emulated,entropy=NAME",
                            "u2f-emulated,counter=NAME")),
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

    /** NAME is a directory that the guest sees with all below it. */
    static final Map<String, List<String>> TREES = Map.ofEntries(
            entry(
                    "fsdev",
                    List.of("local,id=f,path=NAME", "local,id=f,path=NAME,readonly=on", "handle,id=f,path=NAME")),
            entry("virtfs", List.of("local,path=NAME,mount_tag=x")),
            entry("device", List.of("usb-mtp,rootdir=NAME", "usb-mtp,rootdir=NAME,readonly=off")),
            entry("blockdev", List.of("driver=vvfat,node-name=n,dir=NAME", "driver=vvfat,node-name=n,dir=NAME,rw=on")),
            entry("netdev", List.of("user,id=n,tftp=NAME")));

    /** NAME is a directory, in which qemu opens files by names of its own. */
    static final Map<String, List<String>> DIRECTORIES = Map.ofEntries(
            entry(
                    "object",
                    List.of(
                            "tls-creds-x509,id=t,dir=NAME,endpoint=server",
                            "tls-creds-x509,id=t,dir=NAME,endpoint=client",
                            "tls-creds-psk,id=t,dir=NAME,endpoint=server",
                            "tls-creds-psk,id=t,dir=NAME,endpoint=client",
                            "tls-creds-anon,id=t,dir=NAME,endpoint=server")),
            entry("device", List.of("ccid-card-emulated,db=NAME")),
            entry("spice", List.of("tls-port=5901,x509-dir=NAME")));

    private FileTemplates() {}
}
