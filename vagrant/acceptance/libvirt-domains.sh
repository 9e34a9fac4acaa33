# shellcheck shell=bash
# shellcheck disable=SC2154  # place, images, pristine, guest, way and the parts of a domain come from who sources this
# What the rows of libvirt-domains.txt are made of: parts of a domain's definition, and operations that are no command of
# virsh's. A part adds to the variables that definition prints.

# Images of each kind; each with a label that libvirt may read, and four with one that no policy would give. The other
# attributes are nobody's business.
make_pristine() {
	rm -rf "$pristine"
	mkdir -p "$pristine/tree/below"
	(
		cd "$pristine" || exit
		qemu-img create -q -f qcow2 base.qcow2 16M
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 mid.qcow2
		qemu-img create -q -f qcow2 -b mid.qcow2 -F qcow2 top.qcow2
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 other.qcow2
		qemu-img create -q -f qcow2 -o data_file=data.raw data.qcow2 16M
		qemu-img create -q -f qcow2 joins.qcow2 16M
		for format in vmdk vdi vpc qed qcow; do
			qemu-img create -q -f "$format" "disk.$format" 16M
		done
		ln -s top.qcow2 link.qcow2
		truncate -s 16M raw.img
		truncate -s 1M one.iso two.iso
		truncate -s 1440K floppy.img
		truncate -s 256M module.img
		truncate -s 64K code.fd variables.fd template.fd initrd store.img
		cp -L /boot/vmlinuz-* kernel
		printf 'a file for the firmware\n' | tee firmware.txt tree/one tree/below/two >/dev/null
	)
	chmod -R u=rwX,go=rX "$pristine"
	chcon -R system_u:object_r:virt_image_t:s0 "$pristine"
	# libvirt labels no firmware.
	chcon -t virt_content_t "$pristine/code.fd"
	chcon -u unconfined_u "$pristine"/{top,mid}.qcow2 "$pristine/raw.img" "$pristine/tree/one"
	setfattr -n user.note -v 'of the tests' "$pristine"/{base,top}.qcow2 "$pristine/one.iso"
	setfattr -n trusted.note -v 'of the tests' "$pristine/base.qcow2" "$pristine/raw.img"
}

# definition: of the domain, from its parts.
definition() {
	cat <<-XML
		<domain type="qemu" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
		  <name>$guest</name>
		  <memory unit="MiB">64</memory>
		  <vcpu>1</vcpu>
		  <os><type arch="x86_64" machine="q35">hvm</type>$system</os>
		  $around
		  <features><acpi/></features>
		  <devices>
		    <emulator>$(libvirt_emulator)</emulator>
		    $devices
		    <memballoon model="none"/>
		  </devices>
		  $after
		</domain>
	XML
}

# disk FILE [FORMAT [TARGET [BUS [MORE]]]]
disk() {
	devices+="<disk type='file' device='disk'><driver name='qemu' type='${2:-qcow2}'/><source file='$images/$1'/>"
	devices+="<target dev='${3:-vda}' bus='${4:-virtio}'/>${5:-}</disk>"
}

declared_chain() {
	disk top.qcow2 qcow2 vda virtio "<backingStore type='file'><format type='qcow2'/><source file='$images/mid.qcow2'/>
		<backingStore type='file'><format type='qcow2'/><source file='$images/base.qcow2'/><backingStore/></backingStore></backingStore>"
}

block() {
	devices+="<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='$(cat "$place/block-device")'/>
		<target dev='vda' bus='virtio'/></disk>"
}

volume() {
	devices+="<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='acceptance' volume='$1'/>
		<target dev='vda' bus='virtio'/></disk>"
}

# cdrom [FILE [MORE]]
cdrom() {
	devices+="<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
	[ -z "${1:-}" ] || devices+="<source file='$images/$1'>${2:-}</source>"
	devices+="<target dev='sda' bus='sata'/><readonly/></disk>"
}

kept_cdrom() {
	chcon -t virt_content_t "$images/one.iso"
	cdrom one.iso "<seclabel model='selinux' relabel='no'/>"
}

floppy() {
	devices+="<disk type='file' device='floppy'><driver name='qemu' type='raw'/><source file='$images/$1'/><target dev='fda' bus='fdc'/></disk>"
}

# A chain, a medium, and a bus whose disks leave without the guest's doing.
usual() {
	disk top.qcow2
	cdrom one.iso
	devices+="<controller type='scsi' model='virtio-scsi'/>"
}

# Places for more devices than the domain has. libvirt wants the root before them.
ports() {
	local index
	devices+="<controller type='pci' index='0' model='pcie-root'/>"
	for index in {1..8}; do
		devices+="<controller type='pci' index='$index' model='pcie-root-port'/>"
	done
}

kernel() {
	system+="<kernel>$images/kernel</kernel><initrd>$images/initrd</initrd>"
}

firmware_file() {
	around+="<sysinfo type='fwcfg'><entry name='opt/org.example/note' file='$images/firmware.txt'/></sysinfo>"
}

flash() {
	system+="<loader readonly='yes' type='pflash'>$images/code.fd</loader><nvram>$images/variables.fd</nvram>"
}

flash_made() {
	system+="<loader readonly='yes' type='pflash'>$images/code.fd</loader>
		<nvram template='$images/template.fd'>$images/made.fd</nvram>"
}

# With `adopt --label` nobody else chooses one.
static_label() {
	[ "$way" = labeler ] ||
		after+="<seclabel type='static' model='selinux' relabel='yes'><label>system_u:system_r:svirt_t:s0:c1011,c1012</label></seclabel>"
}

base_label() {
	disk top.qcow2
	after+="<seclabel type='dynamic' model='selinux' relabel='yes'><baselabel>system_u:system_r:svirt_t:s0</baselabel></seclabel>"
}

agent() {
	devices+="<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
}

vnc() {
	devices+="<graphics type='vnc'><listen type='socket'/></graphics><video><model type='vga'/></video>"
}

screen() {
	devices+="<video><model type='vga'/></video>"
}

random() {
	devices+="<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
}

shared_memory() {
	around+="<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"
}

file_memory() {
	around+="<memoryBacking><source type='file'/><access mode='shared'/></memoryBacking>"
}

user_network() {
	devices+="<interface type='user'><model type='virtio'/></interface>"
}

tap() {
	devices+="<interface type='ethernet'><target dev='acceptance0'/><model type='virtio'/></interface>"
}

pstore() {
	devices+="<pstore backend='acpi-erst'><path>$images/store.img</path><size unit='KiB'>64</size></pstore>"
}

serial_file() {
	devices+="<serial type='file'><source path='$images/serial.txt'/></serial>"
}

console_log() {
	devices+="<console type='pty'><log file='$images/console.txt' append='on'/></console>"
}

tpm() {
	devices+="<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"
}

nvdimm() {
	around+="<maxMemory slots='2' unit='MiB'>1024</maxMemory><cpu mode='maximum'><numa><cell id='0' cpus='0' memory='64' unit='MiB'/></numa></cpu>"
	devices+="<memory model='nvdimm'><source><path>$images/module.img</path></source>
		<target><size unit='MiB'>256</size><node>0</node><label><size unit='KiB'>128</size></label></target></memory>"
}

shared_tree() {
	devices+="<filesystem type='mount' accessmode='passthrough'><source dir='$images/tree'/><target dir='tree'/></filesystem>"
}

virtiofs() {
	devices+="<filesystem type='mount' accessmode='passthrough'><driver type='virtiofs'/><source dir='$images/tree'/><target dir='tree'/></filesystem>"
}

passt() {
	devices+="<interface type='user'><backend type='passt'/><model type='virtio'/></interface>"
}

no_such_device() {
	after+="<qemu:commandline><qemu:arg value='-device'/><qemu:arg value='no-such-device'/></qemu:commandline>"
}

# Operations.

backup() {
	printf "<domainbackup><disks><disk name='vda' type='file'><driver type='qcow2'/><target file='%s'/></disk><disk name='sda' backup='no'/></disks></domainbackup>" \
		"$images/backup.qcow2" >"$place/backup.xml"
	virsh --quiet backup-begin "$guest" "$place/backup.xml"
}

backup_done() {
	within 60 backup_is_done
}

backup_is_done() {
	virsh domjobinfo "$guest" --completed --keep-completed | grep -q '^Operation: *Backup'
}

# attach PART: a device joins the running domain.
attach() {
	devices=''
	"$1"
	printf '%s\n' "$devices" >"$place/device.xml"
	virsh --quiet attach-device "$guest" "$place/device.xml"
}

# renamed: as a domain that is off, and back.
renamed() {
	local other=$guest-2
	virsh --quiet destroy "$guest"
	virsh --quiet domrename "$guest" "$other"
	# Where labeler labels, the level is that of files of another name until these are settled.
	within 90 virsh --quiet start --paused "$other" || wrong "it does not start under its new name"
	virsh --quiet destroy "$other"
	released "$other"
	virsh --quiet domrename "$other" "$guest"
}

# own_key: libvirt's key for this qemu is at the qemu's level, whoever labels.
own_key() {
	local process key
	process=$(tr -d '\0' <"/proc/$(libvirt_pid "$guest")/attr/current")
	key=$(find /var/lib/libvirt/qemu -path "*/domain-*-$guest/master-key.aes")
	equal "the level of libvirt's key" "$(level_of "$process")" "$(level_of "$(label_of "$key")")"
}

no_snapshot() {
	equal "snapshots" 0 "$(virsh snapshot-list "$guest" --name | grep -c . || true)"
}

# libvirt may still have the disk in hand: it knows of the end of its qemu when that has ended for the hook as well.
start_again() {
	released "$guest"
	virsh --quiet start --paused "$guest"
}

kill_qemu() {
	kill -KILL "$(libvirt_pid "$guest")"
	within 60 is_shut_off
}

is_shut_off() {
	[ "$(virsh domstate "$guest")" = 'shut off' ]
}

restart_labeler() {
	[ "$way" != alone ] || return 0
	systemctl restart labelerd.service
	within 300 api /v1/health
}

second_vm() {
	local first=$guest devices='' system='' around='' after=''
	guest=$first-2
	disk other.qcow2
	define
	virsh --quiet start --paused "$guest"
	virsh --quiet destroy "$guest"
	forget "$guest"
	released "$guest"
	guest=$first
}
