"""Lots for one buyer, what is in them, and what buyers offer."""

import django.db.models.deletion
import django_fsm
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_engagements'),
        ('devices', '0006_tradein'),
        ('evidence', '0001_initial'),
        ('logistics', '0004_looked_at'),
        ('resale', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('state', django_fsm.FSMField(choices=[('open', 'being put together'), ('offered', 'open for offers'), ('awarded', 'awarded'), ('sold', 'sold'), ('cancelled', 'called off')], default='open', max_length=10, protected=True)),
                ('key', models.CharField(choices=[('value', 'by list value'), ('cost', 'by what it was bought for'), ('pieces', 'by pieces')], default='value', max_length=10)),
                ('rule', models.JSONField(blank=True, default=dict)),
                ('edition', models.SmallIntegerField(default=1)),
                ('currency', models.CharField(default='EUR', max_length=3)),
                ('asking', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('reserve', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.CharField(max_length=80)),
                ('offered_at', models.DateTimeField(blank=True, null=True)),
                ('until', models.DateField(blank=True, null=True)),
                ('price', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('awarded_at', models.DateTimeField(blank=True, null=True)),
                ('awarded_by', models.CharField(blank=True, max_length=80)),
                ('sold_at', models.DateTimeField(blank=True, null=True)),
                ('ended_why', models.CharField(blank=True, max_length=300)),
                ('buyer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bought_lots', to='accounts.organization')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.document')),
                ('hub', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='accounts.hub')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='accounts.organization')),
                ('shipment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.shipment')),
            ],
            options={
                'ordering': ['-opened_at', '-id'],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name='LotOffer',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12)),
                ('edition', models.SmallIntegerField()),
                ('note', models.CharField(blank=True, max_length=300)),
                ('given_at', models.DateTimeField()),
                ('given_by', models.CharField(max_length=80)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lot_offers', to='accounts.organization')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='resale.lot')),
            ],
            options={
                'ordering': ['-amount', 'given_at'],
            },
        ),
        migrations.CreateModel(
            name='LotUnit',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('position', models.SmallIntegerField()),
                ('quantity', models.IntegerField()),
                ('value', models.DecimalField(decimal_places=2, max_digits=12)),
                ('cost', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('share', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ('entered_at', models.DateTimeField()),
                ('entered_by', models.CharField(max_length=80)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('left_why', models.CharField(blank=True, max_length=300)),
                ('is_open', models.BooleanField(default=True)),
                ('device', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lotted', to='devices.device')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='resale.lot')),
            ],
            options={
                'ordering': ['lot', 'position'],
            },
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(fields=['state', 'opened_at'], name='lots_by_state'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('asking', None), ('asking__gt', 0), _connector='OR'), models.Q(('reserve', None), ('reserve__gt', 0), _connector='OR')), name='a_lot_asks_for_something'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['awarded', 'sold']), _negated=True), models.Q(('buyer__isnull', False), ('price__gt', 0)), _connector='OR'), name='an_awarded_lot_has_buyer_and_price'),
        ),
        migrations.AddConstraint(
            model_name='lotoffer',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('lot', 'buyer'), name='one_live_offer_a_buyer'),
        ),
        migrations.AddConstraint(
            model_name='lotoffer',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='an_offer_for_a_lot_is_more_than_nothing'),
        ),
        migrations.AddConstraint(
            model_name='lotunit',
            constraint=models.UniqueConstraint(fields=('lot', 'position'), name='units_of_a_lot_are_numbered'),
        ),
        migrations.AddConstraint(
            model_name='lotunit',
            constraint=models.UniqueConstraint(condition=models.Q(('is_open', True)), fields=('device',), name='one_open_lot_a_unit'),
        ),
        migrations.AddConstraint(
            model_name='lotunit',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='a_unit_of_a_lot_has_pieces'),
        ),
        migrations.AddConstraint(
            model_name='lotunit',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0), models.Q(('share', None), ('share__gte', 0), _connector='OR')), name='list_values_are_not_negative'),
        ),
    ]
